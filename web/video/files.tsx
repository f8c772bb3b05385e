import { fileSize } from '../../src/render/format.ts';
import type { Artifact } from '../../src/server/contract/index.ts';
import { Icon } from '../shell/icon.tsx';

/** What the files of a result are, in the order in which people want them. */
const KINDS: Readonly<Record<string, string>> = {
  'report.html': 'The whole story on one page',
  'summary.md': 'The summary as text',
  'captions.vtt': 'Captions for a player',
  'chapters.vtt': 'Chapters for a player',
  'shots.csv': 'A row for each shot',
  'storyboard.jpg': 'All keyframes on one picture',
  'storyboard.vtt': 'Times of that picture',
  'result.json': 'All of it as data',
  'machine.json': 'The same before people’s edits',
  'edits.json': 'People’s edits',
  'attention.json': 'Where each word looked',
  'run.json': 'What it took to make',
};

/** Files to take along. The keyframes are in the list beside it, one by one. */
export function Files({ artifacts }: { readonly artifacts: readonly Artifact[] }) {
  const byName = new Map(artifacts.map((artifact) => [artifact.name, artifact]));
  const files = Object.entries(KINDS).flatMap(([name, says]) => {
    const artifact = byName.get(name);
    return artifact ? [{ ...artifact, says }] : [];
  });
  return (
    <section class="files" aria-labelledby="files-title">
      <h2 id="files-title">Downloads</h2>
      <ul>
        {files.map(({ name, url, bytes, says }) => (
          <li key={name}>
            <a href={`${url}?download=1`} download={name}>
              <Icon name="download" />
              <span>{says}</span>
              <span class="quiet">
                {name}, {fileSize(bytes)}
              </span>
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}
