export * from './index.ts';
export { loadModel, ModelFileError, saveModel } from './model-file.node.ts';
