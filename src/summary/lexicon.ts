/**
 * What Framescribe knows of English: closed lists (every word of their class that captions use) and the verbs and
 * adjectives that are common in captions. A word in none of the lists counts as a thing where a noun may stand, so
 * things that a new model names need no entry here.
 */

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

const pairs = (text: string): ReadonlyMap<string, string> =>
  new Map(text.split(',').map((pair) => pair.trim().split(' ') as [string, string]));

export const DETERMINERS = words(`
  a an the this that these those his her its their my your our another each every some any no several many few both all
  one two three four five six seven eight nine ten eleven twelve dozen hundred multiple various`);

/** Determiners that call for a plural. */
export const PLURAL_DETERMINERS = words(
  'two three four five six seven eight nine ten eleven twelve several many few both these those multiple various all some',
);

/** Before `of`, these gather what follows: a group of people. */
export const COLLECTIVES = words(
  'couple pair lot lots group groups bunch crowd crowds herd flock row pile piece pieces',
);

/** Two words that name one thing, of which the second alone would name another. */
export const COMPOUNDS = words(`
  ice-cream hot-dog teddy-bear baseball-bat stuffed-animal fire-hydrant fire-truck parking-lot parking-meter
  traffic-light cell-phone swimming-pool climbing-wall diving-board fishing-pole wine-glass tennis-racket
  street-sign stop-sign sports-ball dining-table tree-trunk train-station bus-stop roller-coaster skate-park`);

/** Words in -ing and others that tell what a following thing is for, and aren't seen to happen. */
export const PURPOSED = words(`
  pool wall pole lot ring bag bags chair chairs board boards glove gloves helmet helmets suit suits gear goggles room
  shoes shorts pants trunks equipment hat cap outfit outfits track area line trail court range machine table paper cart
  boots dish rod center mall store bar alley site jacket tank dress gown cake station stick sticks costume`);

/** Sports that stand before a noun, such as `soccer ball`: they are seen, whatever the noun. */
export const SPORTS = words(
  'soccer football basketball baseball softball tennis hockey volleyball rugby golf cricket lacrosse frisbee',
);

export const PREPOSITIONS = words(`
  in on at with of to through for from into onto near next beside behind under over above below between among along
  across around against toward towards up down off out outside inside during after before while as by about atop
  amongst alongside beneath underneath upon within without past beyond like than amid towards until via`);

const CONJUNCTIONS = words(
  'and or but that which who whom whose where when while as because if so whilst however though',
);
const PRONOUNS = words(`
  he she it they him them himself herself itself themselves each other others something someone somebody anything
  everyone one ones what there here who it's`);
export const AUXILIARIES = words(
  'is are was were be been being am has have had do does did can could will would may might',
);
const ADVERBS = words(`
  very together away back forward forwards backward backwards sideways alone not n't just only also too quickly slowly
  closely happily playfully brightly apart ahead aside nearby again still right left almost really outdoors indoors
  overhead upside downhill uphill midair mid-air mid s t about high low fast hard close way both more most even then later finally`);

const ADJECTIVES = words(`
  black white red young brown blue little small green large yellow other orange pink purple grey gray golden tan dark
  blonde blond striped colorful colourful colored coloured older old asian tall long short big wooden grassy rocky
  snowy sandy dirty wet dry muddy shallow deep open busy tiny huge giant bright light clear cold hot sunny cloudy
  bare shirtless barefoot naked male female elderly teenage middle-aged middle aged different same upper lower
  outdoor indoor wooded paved metal plastic concrete stone brick leather furry fluffy curly shaggy spotted bald
  bearded hooded dressed covered filled full empty crowded decorated painted stuffed parked seated surrounded
  snow-covered tree-lined like-colored multicolored multi-colored several-colored silver beige maroon turquoise navy
  violet crimson teal lavender gold white-haired haired clothed lit lined fenced flowered plaid checkered tie-dyed
  new nice pretty beautiful cute funny happy sad ready able alive asleep awake own main front rear
  top bottom upside-down single double lone only last first second third final various similar many african american
  indian german french chinese japanese military professional urban rural foreign formal fancy plain rough smooth soft
  steep flat round square narrow wide thick thin heavy inflatable floating smiling frozen fallen broken raised attached
  stainless modern living clean cluttered tiled assorted fresh ripe delicious cooked sliced good great interesting
  antique vintage public private local large-scale smaller larger bigger taller younger high-rise fenced-in opposing
  dead pregnant hairy aerial distant bushy leafy lush blurry overcast rusty sleepy hungry stray airborne`);

/** Words that name no thing of their own: places on a picture, parts, and empty heads. */
const EMPTY_NOUNS = words(`
  front back side sides top bottom middle center centre edge end ends area background foreground distance way view
  scene picture pictures photo photograph image thing things stuff something someone day time part parts set piece kind
  type sort variety number amount line rows lots pair couple group bunch corner direction style order place places
  inside outside surface air object objects camera shot half rest place closeup close-up others spot base left right
  body face faces head heads hand hands arm arms leg legs foot feet mouth nose ear ears eye eyes hair tongue shoulder
  shoulders lap neck knee knees finger fingers teeth tail paw paws beginning action event speed use look looks
  unknown unk color colour colors`);

/** Verbs of captions, by their plain form; other forms follow by rule. */
const VERBS = words(`
  run play stand jump sit hold walk ride look build climb smile swim swing pose watch race take perform lay chase fly
  hang try talk make go eat dance leap fight splash get slide skateboard wait bathe ski pull throw catch fish overlook
  drink lie surf read laugh lean shop come bite skate drive fall dive park kick shake smoke push hike point blow sleep
  wrestle hug cross stare kiss attempt wade snowboard face stick wave roll paddle chew rest paint oppose show reach move
  sing shoot match hit float prepare grind dig row put practice cover balance spin kneel give write sniff lick enjoy
  compete pass rollerblade kayak bounce bike land help fetch bark touch pet jog crash bend turn train surround leave
  work crouch gather follow spray speak lead march live listen tackle raft retrieve raise pour pick feed bowl crawl
  travel start flip cast break toss sled relax grab cry board approach tug stretch shovel trot light hide growl glide
  draw descend camp sell drop dribble cook clap burn punch lift fire dangle cheer check yell yawn squat pretend pop peek
  juggle guard fence emerge drag celebrate aim ask suck step steer share sail examine embrace cycle cut create contain
  clean bat trail teach strike speed smell soar gallop gnaw gaze fill serve graze observe study use operate prepare
  wear carry do see appear seem need want like keep begin stop open close hop barbecue fold type clear dress decorate
  gesture inspect load mount nap navigate nurse offer pack pedal perch plant play pitch post pray pump repair return
  ring rub rush scale scratch scream search seat shave sip sketch sort spread sprint stack stroll strum sweep tackle
  take taste tend tie toast touch tow tumble twirl unload visit warm wash wipe wind work wrap zip drill exercise`);

/** Forms that don't follow the rules, with the verb that they belong to. */
const IRREGULAR_VERBS = pairs(`
  ran run, sat sit, stood stand, held hold, rode ride, lying lie, lies lie, dying die, laid lay, swam swim, swung
  swing, took take, taken take, flew fly, hung hang, made make, went go, goes go, ate eat, eaten eat, leapt leap,
  fought fight, threw throw, thrown throw, caught catch, drank drink, came come, bitten bite, drove drive, fell
  fall, shook shake, blew blow, slept sleep, worn wear, wore wear, gave give, wrote write, spun spin, led lead, left
  leave, broke break, drew draw, drawn draw, sold sell, does do, seen see, saw see, kept keep, began begin, tying
  tie, shown show, driven drive, ridden ride, flown fly`);

/** Nouns that end like a verb in -ing. */
const ING_NOUNS = words(`
  building buildings clothing railing wedding ring rings string strings king wing wings thing things spring ceiling
  evening morning awning painting paintings sing swing swings duckling puddling sling earring earrings stocking
  stockings crossing landing surroundings lightning outcropping siding icing topping dressing pudding stuffing
  covering something anything nothing during including everything ping bling carving drawing drawings sibling
  writing lighting wing frosting sterling cling fling`);

const ED_NOUNS = words('sled sleds shed speed breed steed weed seaweed newlywed moped');

/** Verbs in -ing that say too little for a tag. */
const EMPTY_ACTIONS = words(`
  being doing going getting making taking having wearing trying looking using coming seeing attempting facing
  overlooking showing putting giving setting seeming appearing needing wanting keeping beginning containing covering
  filling surrounding opposing matching living lining laying sticking including preparing leaving starting posing
  holding`);

const IRREGULAR_PLURALS = pairs(`
  men man, women woman, children child, people person, mice mouse, feet foot, teeth tooth, geese goose, leaves leaf,
  knives knife, shelves shelf, wolves wolf, loaves loaf, calves calf, scarves scarf, halves half, buses bus, cookies
  cookie, movies movie, ties tie, pies pie, puppies puppy, ladies lady, policemen policeman, snowmen snowman,
  firemen fireman, fishermen fisherman, sheep sheep, grandchildren grandchild, snowboarders snowboarder, oxen ox,
  zombies zombie, hoodies hoodie, collies collie, motorbikes motorbike, lens lens, axes axe, shoes shoe, canoes
  canoe, toes toe, tomatoes tomato, potatoes potato, waves wave, caves cave, gloves glove, olives olive, stoves
  stove, doves dove, cacti cactus, kids kid`);

/** Words that look like plurals and are used as they are. */
const KEPT_AS_THEY_ARE = words(`
  grass glass dress pants jeans shorts sunglasses glasses goggles clothes trunks scissors binoculars headphones gas bus
  canvas tennis cross class mass moss boss kiss harness mattress wilderness business christmas santas stairs bleachers
  woods overalls pajamas tights leggings sandals gymnastics fries grounds brass abyss cactus circus octopus walrus
  hippopotamus platypus campus lens asparagus hummus rhinoceros citrus compass waitress actress princess fortress
  fitness darkness martial-arts chess lacrosse camouflage news swimtrunks surroundings dais iris`);

export type WordClass =
  | 'determiner'
  | 'preposition'
  | 'auxiliary'
  | 'particle'
  | 'adjective'
  | 'action'
  | 'verb'
  | 'noun';

/**
 * The class that a lower-case word most likely has by itself. `action` is a verb in -ing, `verb` another form, which
 * may be a noun too (`ride`, `swings`): its neighbours decide. Everything unknown is a `noun`.
 */
export function classOf(word: string): WordClass {
  if (DETERMINERS.has(word) || /^\d+$/.test(word)) return 'determiner';
  if (AUXILIARIES.has(word)) return 'auxiliary';
  if (PREPOSITIONS.has(word)) return 'preposition';
  if (CONJUNCTIONS.has(word) || PRONOUNS.has(word) || ADVERBS.has(word)) return 'particle';
  if (ADJECTIVES.has(word)) return 'adjective';
  if (word.endsWith('ing') && word.length > 4 && !ING_NOUNS.has(word)) return 'action';
  if (verbOf(word) !== null) return 'verb';
  return word.endsWith('ed') && word.length > 4 && !ED_NOUNS.has(word) ? 'adjective' : 'noun';
}

/** Whether a noun, folded to the singular, names a thing worth a tag. */
export function isTellingNoun(noun: string): boolean {
  return noun.length > 1 && /[a-z]/.test(noun) && !EMPTY_NOUNS.has(noun) && !ADVERBS.has(noun);
}

/** Whether an action (`running`) says enough for a tag. */
export function isTellingAction(action: string): boolean {
  return !EMPTY_ACTIONS.has(action);
}

/** A noun in the singular: `dogs` → `dog`, `men` → `man`, `grass` stays. */
export function singular(noun: string): string {
  const irregular = IRREGULAR_PLURALS.get(noun);
  if (irregular !== undefined) return irregular;
  if (KEPT_AS_THEY_ARE.has(noun) || noun.length < 4 || !noun.endsWith('s') || /(ss|us|is)$/.test(noun)) return noun;
  if (/[^aeiou]ies$/.test(noun)) return `${noun.slice(0, -3)}y`;
  if (/(ches|shes|xes|sses|zzes)$/.test(noun)) return noun.slice(0, -2);
  return noun.slice(0, -1);
}

/** Whether a noun stands for more than one. */
export function isPlural(noun: string): boolean {
  return singular(noun) !== noun;
}

/** The plain form of a known verb: `runs`, `ran` and `run` → `run`. Null for a word that is none. */
export function verbOf(word: string): string | null {
  const irregular = IRREGULAR_VERBS.get(word);
  if (irregular !== undefined) return irregular;
  if (VERBS.has(word)) return word;
  for (const stem of [word.replace(/s$/, ''), word.replace(/es$/, ''), word.replace(/ies$/, 'y')]) {
    if (stem !== word && VERBS.has(stem)) return stem;
  }
  return null;
}

/** A verb in -ing: `run` → `running`, `ride` → `riding`, `lie` → `lying`. */
export function ingForm(verb: string): string {
  if (/ie$/.test(verb)) return `${verb.slice(0, -2)}ying`;
  if (/[^eoy]e$/.test(verb)) return `${verb.slice(0, -1)}ing`;
  const doubles = /^(?:qu|squ|[^aeiou]*)[aeiou][bdgklmnprt]$/.test(verb) || DOUBLING.has(verb);
  return doubles ? `${verb}${verb.at(-1)}ing` : `${verb}ing`;
}

const DOUBLING = words('begin');
