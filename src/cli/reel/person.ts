import { limb, oval, type Point } from './figure.ts';

/** Where the joints of a person are, in units of which a standing adult is 100 tall. */
export interface Pose {
  readonly head: Point;
  readonly neck: Point;
  readonly hip: Point;
  /** Elbow and hand of the arm behind the body, then of the one before it. */
  readonly farArm: readonly [Point, Point];
  readonly nearArm: readonly [Point, Point];
  /** Knee and ankle. */
  readonly farLeg: readonly [Point, Point];
  readonly nearLeg: readonly [Point, Point];
  /** Which way the toes point: 1 right, -1 left, 0 to or from the viewer. */
  readonly facing: -1 | 0 | 1;
}

export interface Clothes {
  readonly skin: string;
  readonly hair: string;
  readonly shirt: string;
  /** Long sleeves hide the forearms, long trousers the shins. */
  readonly sleeves: 'short' | 'long' | 'none';
  readonly trousers: string;
  readonly trouserLegs: 'short' | 'long';
  readonly shoes: string;
  readonly helmet?: string;
}

/** A person as parts of an SVG drawing, from back to front. */
export function person(pose: Pose, clothes: Clothes): string[] {
  const { neck, hip } = pose;
  const wide = pose.facing === 0 ? 1.25 : 1;
  const shoulders: Point = [neck[0] + (hip[0] - neck[0]) * 0.12, neck[1] + (hip[1] - neck[1]) * 0.12];
  const reach = pose.facing === 0 ? 7 : 1.5;
  return [
    ...arm([shoulders[0] + reach, shoulders[1]], pose.farArm, clothes),
    ...leg([hip[0] + reach * 0.5, hip[1]], pose.farLeg, pose.facing, clothes),
    ...leg([hip[0] - reach * 0.5, hip[1]], pose.nearLeg, pose.facing, clothes),
    limb(
      [hip[0], hip[1]],
      [hip[0] + (neck[0] - hip[0]) * 0.15, hip[1] + (neck[1] - hip[1]) * 0.15],
      12 * wide,
      12.5 * wide,
      clothes.trousers,
    ),
    limb(
      shoulders,
      [hip[0] + (neck[0] - hip[0]) * 0.08, hip[1] + (neck[1] - hip[1]) * 0.08],
      15 * wide,
      12 * wide,
      clothes.shirt,
    ),
    limb(neck, [pose.head[0] * 0.7 + neck[0] * 0.3, pose.head[1] * 0.7 + neck[1] * 0.3], 5.5, 5, clothes.skin),
    ...head(pose, clothes),
    ...arm([shoulders[0] - reach, shoulders[1]], pose.nearArm, clothes),
  ];
}

function arm(shoulder: Point, [elbow, hand]: readonly [Point, Point], clothes: Clothes): string[] {
  const sleeve: Point = [shoulder[0] * 0.3 + elbow[0] * 0.7, shoulder[1] * 0.3 + elbow[1] * 0.7];
  const forearm = limb(elbow, hand, 4.6, 3.6, clothes.sleeves === 'long' ? clothes.shirt : clothes.skin);
  const upper = limb(shoulder, elbow, 6, 4.8, clothes.sleeves === 'long' ? clothes.shirt : clothes.skin);
  const cover = clothes.sleeves === 'short' ? [limb(shoulder, sleeve, 7, 6.4, clothes.shirt)] : [];
  return [upper, forearm, ...cover, oval(hand, 2.6, 2.6, clothes.skin)];
}

function leg(hip: Point, [knee, ankle]: readonly [Point, Point], facing: -1 | 0 | 1, clothes: Clothes): string[] {
  const long = clothes.trouserLegs === 'long';
  const hem: Point = [hip[0] * 0.25 + knee[0] * 0.75, hip[1] * 0.25 + knee[1] * 0.75];
  const shoe = oval(
    [ankle[0] + facing * 2.6, ankle[1] + 1.6],
    facing === 0 ? 3.4 : 5.4,
    2.7,
    clothes.shoes,
    facing * 6,
  );
  const shin = limb(knee, ankle, 6.2, 4.4, long ? clothes.trousers : clothes.skin);
  const thigh = limb(hip, knee, 9.4, 6.6, long ? clothes.trousers : clothes.skin);
  return [shoe, shin, thigh, ...(long ? [] : [limb(hip, hem, 10.4, 9, clothes.trousers)])];
}

function head({ head: at, facing }: Pose, clothes: Clothes): string[] {
  const hair = oval([at[0] - facing * 0.9, at[1] - 1.2], 6.1, 6.9, clothes.hair);
  const face = oval([at[0] + facing * 1.5, at[1] + 0.8], 4.8, 5.9, clothes.skin);
  const fringe = oval([at[0] - facing * 0.6, at[1] - 4.4], 5.3, 2.9, clothes.hair, -facing * 12);
  const back = [oval(at, 6, 7, clothes.hair)];
  const bare = facing === 0 ? back : [hair, face, fringe];
  const helmet =
    clothes.helmet === undefined
      ? []
      : [oval([at[0] - facing * 0.6, at[1] - 3.2], 7.2, 5.2, clothes.helmet, -facing * 8)];
  return [...bare, ...helmet];
}
