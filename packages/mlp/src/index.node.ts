export * from './index.ts';
export { loadModel, ModelFileError, saveModel } from './model-file.node.ts';
export {
  type CrossValidateOptions,
  crossValidate,
  type FoldJob,
  type FoldRecipe,
  type SeedJob,
  type SeedRecipe,
  type StudySeedsOptions,
  studySeeds,
} from './studies.node.ts';
export { StudyError, type WorkerOptions } from './worker-pool.node.ts';
export { loadYamlFile, trainFromYaml, type YamlFileOptions } from './yaml-file.node.ts';
export { type StudyYamlOptions, studyYaml } from './yaml-study.node.ts';
