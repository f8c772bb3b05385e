/** The shapes of the API, as zod schemas and as types: the OpenAPI document, the answers and the page share them. */
export {
  type ListQuery,
  listQuery,
  type SortOrder,
  type TagList,
  tagList,
  tagsQuery,
  type VideoList,
  videoList,
} from './list.ts';
export { overview, type UploadStatus, uploadStatus } from './overview.ts';
export { type Problem, problem } from './problem.ts';
export { login, type SessionFacts, sessionFacts } from './session.ts';
export {
  type Artifact,
  artifactList,
  type FoundMoment,
  submission,
  type VideoDetail,
  type VideoItem,
  type VideoState,
  videoDetail,
  videoId,
  videoItem,
} from './video.ts';
