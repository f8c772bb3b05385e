import type { Footage } from './shot-cases.ts';

/** Pieces of the shared clips that hold one shot each. No piece is in two sets. */
export const FOOTAGE = {
  /** The detector's constants were found on these. */
  tune: [
    piece('natural/flower.mp4', 0, 5),
    piece('natural/friday.mp4', 0, 6),
    piece('natural/bottle-detection.mp4', 2, 6),
    piece('natural/one-by-one-person-detection.mp4', 20, 6),
    piece('natural/asl_walk.mkv', 0, 2.9),
    piece('natural/classroom.gif', 0, 2.9),
    piece('natural/big_buck_bunny_0_30.webm', 5, 6),
    piece('natural/nasa_13013_two_video_tracks.mp4', 1.5, 3.2),
    piece('natural/fruit-and-vegetable-detection.gif', 0, 6),
    piece('odd/file+with+data&streams=works?.mp4', 3, 6),
  ],
  /** Looked at once before, and then between, corrections of general faults. */
  report: [
    piece('natural/stream-of-water.mp4', 0, 3.1),
    piece('natural/chaplin.mp4', 0, 6),
    piece('natural/bug_video_640.mp4', 0, 6),
    piece('natural/car-detection.mp4', 10, 6),
    piece('natural/asl_milk.mkv', 0, 1.7),
    piece('natural/store-aisle-detection.gif', 0, 4.4),
    piece('natural/person-bicycle-car-detection.gif', 0, 3.4),
    piece('natural/big_buck_bunny_0_30.webm', 16.5, 6),
    piece('natural/nasa_13013_two_video_tracks.mp4', 8.2, 4.5),
    piece('natural/plane_video_with_failing_audio.mp4', 4, 3.2),
    piece("odd/awesome'movie.mov", 0, 6),
  ],
  /** Never looked at before the detector was as it is. */
  fresh: [
    piece('natural/tears-of-steel-battle-clip-medium.webm', 14, 6),
    piece('natural/one-by-one-person-detection.mp4', 60, 6),
    piece('natural/tears-of-steel-battle-clip-medium.webm', 9.4, 3.2),
    piece('natural/bottle-detection.mp4', 20, 6),
    piece('natural/plane_video_with_failing_audio.mp4', 0, 2.8),
    piece('natural/tears-of-steel-battle-clip-medium.webm', 22, 6),
    piece('natural/car-detection.mp4', 20, 6),
    piece('natural/big_buck_bunny_0_30.webm', 23.2, 5.5),
    piece('natural/tears-of-steel-battle-clip-medium.webm', 53.7, 2.2),
    piece('natural/big_buck_bunny_0_30.webm', 12, 3.4),
    piece('natural/asl_eat.mkv', 0, 1.5),
  ],
} as const satisfies Record<string, readonly Footage[]>;

function piece(path: string, startSeconds: number, seconds: number): Footage {
  return { path, startSeconds, seconds };
}
