/**
 * Words for the same thing, so that a video with “a puppy” and “a dog” has one tag. Only pairs of which either may
 * stand for the other in a caption; narrower things (a terrier, a canoe) keep their names.
 */

const SAME: ReadonlyMap<string, string> = new Map(
  `man: guy gentleman, woman: lady, child: kid, baby: infant, dog: puppy, cat: kitten kitty, horse: pony,
  rabbit: bunny, car: automobile, plane: airplane aeroplane, boat: rowboat, bus: schoolbus,
  motorcycle: motorbike dirtbike dirt-bike, bicycle: bike, cyclist: bicyclist, runner: jogger,
  police officer: policeman policewoman, sea: ocean, forest: woods, sofa: couch, television: tv, phone: cellphone telephone,
  racket: racquet, frisbee: disc, player: ballplayer, fire truck: firetruck, jumping: leaping, cycling: biking bicycling,
  walking: strolling`
    .split(',')
    .flatMap((line) => {
      const [name = '', others = ''] = line.split(':').map((part) => part.trim());
      return others.split(' ').map((other) => [other, name] as const);
    }),
);

/** Names that say more than another: where one of the right is named, the left adds nothing. */
const WIDER: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  Object.entries({
    person: `man woman child boy girl baby player worker dancer runner climber skier surfer swimmer cyclist rider soldier
      police_officer musician skateboarder snowboarder hiker crowd`,
    child: 'boy girl baby toddler',
    animal: `dog cat horse bird cow sheep goat bear elephant giraffe zebra rabbit duck lion tiger monkey fish deer squirrel
      butterfly insect`,
    bird: 'duck goose swan eagle owl parrot chicken pigeon penguin seagull',
    insect: 'bee butterfly beetle dragonfly',
    vehicle: 'car truck bus van taxi train boat plane helicopter motorcycle bicycle tractor jeep scooter',
    toy: 'doll ball',
    instrument: 'guitar drum piano violin trumpet saxophone flute',
    food: 'cake pizza sandwich fruit banana apple donut hamburger hot_dog',
    fruit: 'banana apple orange strawberry lemon pineapple',
    game: 'tennis baseball basketball soccer football rugby volleyball hockey golf',
  }).map(([wider, narrower]) => [wider, new Set(narrower.split(/\s+/).map((word) => word.replace('_', ' ')))]),
);

/**
 * The name under which a thing or an action is tagged. `bike` is a bicycle, as in six of seven captions that use it, but
 * where a motorcycle is named beside it.
 */
export function tagName(name: string, beside: ReadonlySet<string> = NONE): string {
  if (name === 'bike' && beside.has('motorcycle')) return 'motorcycle';
  return SAME.get(name) ?? name;
}

const NONE: ReadonlySet<string> = new Set();

/** Whether some of these names say the same more precisely: `animal` beside `dog`. */
export function isSaidBetter(name: string, names: Iterable<string>): boolean {
  const narrower = WIDER.get(name);
  if (narrower === undefined) return false;
  for (const other of names) if (narrower.has(other)) return true;
  return false;
}
