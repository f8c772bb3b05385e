const COLOURS: Readonly<Record<string, number>> = { debug: 90, info: 36, warn: 33, error: 31 };
/** Said by the sentence already, or of use to machines only. */
const QUIET = new Set(['level', 'time', 'msg', 'worker', 'type', 'job', 'video', 'reason', 'event', 'code']);

/** One line of JSON from a log as a person reads it on a terminal: `09:12:33 info  completed: describe v1f… attempt=1`. */
export function prettyLine(json: string): string {
  const { level, time, msg, ...facts } = JSON.parse(json) as Readonly<Record<string, unknown>>;
  const clock = new Date(String(time)).toTimeString().slice(0, 8);
  const rest = Object.entries(facts)
    .filter(([name]) => !QUIET.has(name))
    .map(([name, value]) => `${name}=${typeof value === 'object' ? JSON.stringify(value) : value}`);
  const word = String(level).padEnd(5);
  const coloured = `\u001b[${COLOURS[String(level)] ?? 0}m${word}\u001b[0m`;
  return `${clock} ${coloured} ${printable([msg, ...rest].join(' '))}\n`;
}

/** Text from outside without control characters, which could rewrite the terminal. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, '?');
}
