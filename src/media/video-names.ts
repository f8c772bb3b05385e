const VIDEO_EXTENSIONS =
  /\.(3g2|3gp|asf|avi|dv|f4v|flv|gif|ivf|m2ts|m2v|m4v|mkv|mov|mp4|mpeg|mpg|mts|mxf|nut|ogm|ogv|rm|rmvb|swf|ts|vob|webm|wmv|y4m)$/i;

/** Whether a file is named like a video. Tells nothing of its bytes. */
export function isNamedLikeVideo(name: string): boolean {
  return VIDEO_EXTENSIONS.test(name);
}
