import type { Result } from '../domain/result.ts';
import { clock, counted, duration, fileSize, percent } from './format.ts';
import { captionedShots } from './shot-caption.ts';

/** `summary.md`: the summary with links to its frames, chapters, tags and shots, for reading and for diffs. */
export function summaryMarkdown(result: Result): string {
  const { video, model, summary, chapters, tags, warnings } = result;
  const times = new Map(result.keyframes.map(({ id, image, timeMs }) => [id, { image, timeMs }]));
  const frameLink = (id: string) => {
    const frame = times.get(id);
    return frame === undefined ? id : `[${clock(frame.timeMs)}](${frame.image})`;
  };
  const sentences = summary.sentences.map(
    ({ text, keyframes, edit }) => `- ${plain(text)}${byPerson(edit)} ${keyframes.map(frameLink).join(' ')}`,
  );
  return [
    `# ${plain(video.source)}`,
    [
      duration(video.durationMs),
      `${video.displayWidth} × ${video.displayHeight}`,
      plain(video.codec),
      fileSize(video.bytes),
      counted(result.shots.length, 'shot'),
      counted(result.keyframes.length, 'keyframe'),
    ].join(' · '),
    '## Summary',
    plain(summary.text),
    ...block(sentences),
    '## Chapters',
    ...block(
      chapters.map(
        ({ startMs, endMs, title, edit }) => `- ${clock(startMs)} – ${clock(endMs)} ${plain(title)}${byPerson(edit)}`,
      ),
    ),
    '## Tags',
    tags.length === 0
      ? 'None.'
      : table(
          ['tag', 'confidence', 'seen at'],
          tags.map(({ name, confidence, instances, edit }) => [
            `${plain(name)}${byPerson(edit)}`,
            percent(confidence),
            instances.map(({ startMs, endMs }) => `${clock(startMs)} – ${clock(endMs)}`).join(', '),
          ]),
        ),
    '## Shots',
    table(
      ['shot', 'from', 'to', 'caption', 'confidence'],
      captionedShots(result).map(({ shot, caption }) => [
        shot.id,
        clock(shot.startMs),
        clock(shot.endMs),
        caption === null
          ? ''
          : `${plain(caption.text)}${caption.uncertain ? ' (uncertain)' : ''}${byPerson(caption.edit)}`,
        caption === null ? '' : percent(caption.confidence),
      ]),
    ),
    ...(warnings.length === 0
      ? []
      : ['## Warnings', ...block(warnings.map(({ code, message }) => `- ${plain(code)}: ${plain(message)}`))]),
    '## Provenance',
    table(
      ['what', 'value'],
      [
        ['video SHA-256', `\`${video.sha256}\``],
        ['model', `${plain(model.name)} ${plain(model.version)} (${plain(model.licence)})`],
        ['model digest', `\`${model.digest}\``],
        ['result digest', `\`${result.digest}\``],
        ...(result.edited ? [['what people corrected', `\`${result.edited.edits}\``]] : []),
      ],
    ),
    '',
  ].join('\n\n');
}

function byPerson(edit: string | undefined): string {
  return edit === undefined ? '' : ' (by a person)';
}

function block(lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [lines.join('\n')];
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Text in which nothing is Markdown or HTML, on one line. */
function plain(text: string): string {
  const line = text.replaceAll(/[\s\p{Cc}]+/gu, ' ').trim();
  return line
    .replaceAll(/[\\`*_{}[\]()#+!|~^=$:@/]/g, '\\$&')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}
