import { InvalidArgumentError, Option } from 'commander';

export type Labels = Readonly<Record<string, string>>;

/** `--label key=value`, which may be given again. */
export function labelOption(description = 'a label of it, kept in run.json; may be given again'): Option {
  return new Option('--label <key=value>', description).argParser(read).default({}, 'none');
}

function read(text: string, labels: Labels): Labels {
  const at = text.indexOf('=');
  const [key, value] = [text.slice(0, Math.max(at, 0)), text.slice(at + 1)];
  if (key !== '' && key.length <= 64 && value.length <= 256) return { ...labels, [key]: value };
  throw new InvalidArgumentError('Expected a key and a value with = between them, of at most 64 and 256 characters.');
}
