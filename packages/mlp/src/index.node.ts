export * from './index.ts';
export { loadModel, ModelFileError, saveModel } from './model-file.node.ts';
export { loadYamlFile, trainFromYaml, type YamlFileOptions } from './yaml-file.node.ts';
