import { AddButton } from './add.tsx';

/** A strip of film whose pictures are still to come. */
function FilmStrip() {
  return (
    <div class="film-strip" aria-hidden="true">
      {[0, 1, 2, 3].map((hue) => (
        <i key={hue} class={`h${hue}`} />
      ))}
    </div>
  );
}

/** The library before its first video. */
export function EmptyLibrary({ onFiles }: { readonly onFiles: ((files: Iterable<File>) => void) | null }) {
  return (
    <div class="empty">
      <FilmStrip />
      <h2>What happens in your videos?</h2>
      <p>
        Framescribe finds the shots, describes a picture of each, and tells the whole as chapters, tags and a summary in
        which every sentence leads back to its frames.
      </p>
      {onFiles ? (
        <p class="offer">
          <AddButton onFiles={onFiles} large /> <span class="quiet">or drop them anywhere on this page</span>
        </p>
      ) : (
        <p class="quiet">Nothing has been submitted yet.</p>
      )}
    </div>
  );
}

/** Nothing that answers the question. */
export function NothingFound({ words }: { readonly words: string }) {
  return (
    <div class="empty small">
      <h2>{words === '' ? 'Nothing here' : <>Nothing found for “{words}”</>}</h2>
      <p>
        {words === ''
          ? 'No video is in this state, or has all of these tags.'
          : 'Videos are found by what the captions say, by their tags and by their names. Try fewer or other words.'}
      </p>
      <p>
        <a href="/">Show all videos</a>
      </p>
    </div>
  );
}
