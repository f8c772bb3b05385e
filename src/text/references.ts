import { parse as parseCsv } from 'csv-parse/sync';
import { z } from 'zod';
import { FramescribeError } from '../domain/errors.ts';

/** For each picture's file name, what people wrote about it. */
export type References = ReadonlyMap<string, readonly string[]>;

/**
 * Reads captions of pictures: COCO's JSON (`images`, `annotations`), CSV with the columns `image` and `caption`, or
 * Flickr8k's lines `name.jpg#0<TAB>caption`. The first bytes tell which.
 *
 * @throws {FramescribeError} CAPTIONS_INVALID
 */
export function parseReferences(text: string, name: string): References {
  try {
    const pairs = /^\s*\{/.test(text) ? fromCoco(text) : /^.+\.\w+#\d+\t/.test(text) ? fromLines(text) : fromCsv(text);
    if (pairs.length === 0) throw new Error('there is no caption in it');
    return group(pairs);
  } catch (cause) {
    const reason =
      cause instanceof z.ZodError ? z.prettifyError(cause) : cause instanceof Error ? cause.message : cause;
    const expected = 'COCO JSON, CSV with the columns image and caption, or lines of name#n<TAB>caption';
    throw new FramescribeError('CAPTIONS_INVALID', `Expected ${expected} in ${name}: ${reason}`, { cause });
  }
}

type Pair = readonly [image: string, caption: string];

const coco = z.object({
  images: z.array(z.object({ id: z.union([z.number(), z.string()]), file_name: z.string() })),
  annotations: z.array(z.object({ image_id: z.union([z.number(), z.string()]), caption: z.string() })),
});

function fromCoco(text: string): readonly Pair[] {
  const { images, annotations } = coco.parse(JSON.parse(text));
  const names = new Map(images.map(({ id, file_name }) => [id, file_name]));
  return annotations.map(({ image_id, caption }): Pair => {
    const image = names.get(image_id);
    if (image === undefined) throw new Error(`an annotation names image ${image_id}, which isn't among the images`);
    return [image, caption];
  });
}

function fromCsv(text: string): readonly Pair[] {
  const rows = z
    .array(z.object({ image: z.string().min(1), caption: z.string() }))
    .parse(parseCsv(text, { columns: true, bom: true, skip_empty_lines: true, relax_column_count: false }));
  return rows.map(({ image, caption }): Pair => [image, caption]);
}

function fromLines(text: string): readonly Pair[] {
  return text
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '')
    .map((line, index): Pair => {
      const match = /^(.+)#\d+\t(.+)$/.exec(line);
      if (!match) throw new Error(`line ${index + 1} is not name#n<TAB>caption`);
      return [match[1] ?? '', match[2] ?? ''];
    });
}

function group(pairs: readonly Pair[]): References {
  const references = new Map<string, string[]>();
  for (const [image, caption] of pairs) references.set(image, [...(references.get(image) ?? []), caption]);
  return references;
}
