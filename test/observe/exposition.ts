/** One sample of a scrape. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A metric family as `# HELP` and `# TYPE` announce it. */
export interface Family {
  readonly type: string;
  readonly help: string;
}

export interface Scrape {
  readonly families: ReadonlyMap<string, Family>;
  readonly samples: readonly Sample[];
  /** The sum over the samples of a name that have these labels; null where there is none. */
  value(name: string, labels?: Readonly<Record<string, string>>): number | null;
}

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const LABEL = String.raw`([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"`;
const SAMPLE = new RegExp(
  String.raw`^(${NAME})(?:\{((?:${LABEL},?)*)\})? (NaN|[+-]Inf|[+-]?[\d.]+(?:e[+-]?\d+)?)$`,
  'i',
);

/**
 * Reads Prometheus' text format as strictly as `promtool check metrics`: each sample belongs to a family announced before it
 * with help and type, histograms are whole and grow, counters end in `_total`, nothing comes twice.
 */
export function readScrape(text: string): Scrape {
  if (!text.endsWith('\n')) throw new Error('Expected the text to end with a line feed');
  const families = new Map<string, { type: string; help: string }>();
  const samples: Sample[] = [];
  const seen = new Set<string>();
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const [, keyword, about = '', rest = ''] = /^# (HELP|TYPE) (\S+) ?(.*)$/.exec(line) ?? [];
    if (keyword !== undefined) {
      const family = families.get(about) ?? { type: '', help: '' };
      families.set(about, keyword === 'HELP' ? { ...family, help: rest } : { ...family, type: rest });
      continue;
    }
    const sample = readSample(line);
    if (seen.has(line.replace(/ \S+$/, ''))) throw new Error(`Twice: ${line}`);
    seen.add(line.replace(/ \S+$/, ''));
    familyOf(sample.name, families);
    samples.push(sample);
  }
  for (const [name, { type, help }] of families) checkFamily(name, type, help, samples);
  const value = (name: string, labels: Readonly<Record<string, string>> = {}) => {
    const found = samples.filter(
      (sample) => sample.name === name && Object.entries(labels).every(([key, text]) => sample.labels[key] === text),
    );
    return found.length === 0 ? null : found.reduce((sum, sample) => sum + sample.value, 0);
  };
  return { families, samples, value };
}

function readSample(line: string): Sample {
  const match = SAMPLE.exec(line);
  if (match === null) throw new Error(`No sample: ${line}`);
  const labels = Object.fromEntries(
    [...(match[2] ?? '').matchAll(new RegExp(LABEL, 'g'))].map(([, key = '', text = '']) => [key, text]),
  );
  return { name: match[1] ?? '', labels, value: Number(match.at(-1)?.replace('Inf', 'Infinity')) };
}

function familyOf(name: string, families: ReadonlyMap<string, Family>): string {
  const base = name.replace(/_(bucket|sum|count)$/, '');
  const found = families.has(name) ? name : base;
  if (!families.has(found)) throw new Error(`No HELP and TYPE before ${name}`);
  return found;
}

function checkFamily(name: string, type: string, help: string, samples: readonly Sample[]): void {
  if (help === '') throw new Error(`No help: ${name}`);
  if (!['counter', 'gauge', 'histogram', 'summary'].includes(type)) throw new Error(`No type: ${name}`);
  if ((type === 'counter') !== name.endsWith('_total')) throw new Error(`Only counters end in _total: ${name}`);
  if (/_(ms|milliseconds|kb|mb|minutes|hours|percent)(_total)?$/.test(name)) throw new Error(`No base unit: ${name}`);
  if (type !== 'histogram') return;
  const series = new Map<string, Sample[]>();
  for (const sample of samples.filter((each) => each.name === `${name}_bucket`)) {
    const { le: _, ...others } = sample.labels;
    const key = JSON.stringify(others);
    series.set(key, [...(series.get(key) ?? []), sample]);
  }
  for (const [key, buckets] of series) {
    if (buckets.at(-1)?.labels.le !== '+Inf') throw new Error(`No bucket +Inf: ${name} ${key}`);
    if (buckets.some(({ value }, index) => value < (buckets[index - 1]?.value ?? 0)))
      throw new Error(`Shrinks: ${name}`);
  }
}
