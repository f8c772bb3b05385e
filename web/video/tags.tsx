import { useSignal } from '@preact/signals';
import type { Tag } from '../../src/domain/result.ts';
import { clock, counted, percent } from '../../src/render/format.ts';
import { Icon } from '../shell/icon.tsx';
import { tellError } from '../shell/notices.tsx';
import { useDesk } from './desk.ts';
import { EditForm } from './edit-form.tsx';
import { ByHand } from './editable.tsx';
import { position } from './story.ts';

const FEW = 12;
const MOST_TIMES = 4;

/** Things and actions, each with the times where it's seen; its name leads from one to the next. */
export function Tags() {
  const { story, correct } = useDesk();
  const { tags } = story.result;
  const all = useSignal(false);
  if (tags.length === 0 && correct === null) return null;
  const shown = all.value ? tags : tags.slice(0, FEW);
  return (
    <section class="tags" aria-labelledby="tags-title">
      <h2 id="tags-title">Things and actions</h2>
      <ul>
        {shown.map((tag) => (
          <TagItem key={tag.name} tag={tag} />
        ))}
      </ul>
      <p class="actions">
        {tags.length > FEW && (
          <button
            type="button"
            class="plain"
            onClick={() => {
              all.value = !all.value;
            }}
          >
            {all.value ? 'Fewer' : `All ${tags.length}`}
          </button>
        )}
        {correct && <AddTag />}
      </p>
    </section>
  );
}

function TagItem({ tag }: { readonly tag: Tag }) {
  const { story, playback, marked, correct } = useDesk();
  const renaming = useSignal(false);
  const { durationMs } = story.result.video;
  const { name, confidence, instances } = tag;
  const point = () => {
    marked.value = instances;
  };
  const leave = () => {
    marked.value = [];
  };
  const next = () => {
    const after = instances.find(({ startMs }) => startMs > playback.timeMs.value) ?? instances[0];
    if (after) playback.seek(after.startMs);
  };
  if (renaming.value && correct) {
    const close = () => {
      renaming.value = false;
    };
    return (
      <li>
        <EditForm what={`tag ${name}`} text={name} onSave={(to) => correct({ renameTag: name, to })} onClose={close} />
      </li>
    );
  }
  return (
    <li onMouseEnter={point} onMouseLeave={leave} onFocusIn={point} onFocusOut={leave}>
      <button type="button" class="name" title="Go to the next time it’s seen" onClick={next}>
        {name}
        <span class="hidden">, {spokenTimes(instances)}. Go to the next</span>
      </button>
      <span class="span" aria-hidden="true">
        {instances.map(({ startMs, endMs }) => (
          <i
            key={startMs}
            style={{ left: position(startMs, durationMs), width: position(endMs - startMs, durationMs) }}
          />
        ))}
      </span>
      {tag.edit === undefined ? (
        <span class="sure">{percent(confidence)}</span>
      ) : (
        <ByHand what={`tag ${name}`} edit={tag.edit} />
      )}
      {correct && (
        <span class="tools">
          <button
            type="button"
            class="bare"
            aria-label={`Rename the tag ${name}`}
            title="Rename"
            onClick={() => {
              renaming.value = true;
            }}
          >
            <Icon name="edit" />
          </button>
          <button
            type="button"
            class="bare"
            aria-label={`Remove the tag ${name}`}
            title="Remove"
            onClick={() => void correct({ removeTag: name }).catch(tellError)}
          >
            <Icon name="close" />
          </button>
        </span>
      )}
    </li>
  );
}

function AddTag() {
  const { correct } = useDesk();
  const open = useSignal(false);
  const close = () => {
    open.value = false;
  };
  if (!correct) return null;
  if (open.value) return <EditForm what="tag" text="" onSave={(addTag) => correct({ addTag })} onClose={close} />;
  return (
    <button
      type="button"
      class="plain"
      onClick={() => {
        open.value = true;
      }}
    >
      <Icon name="add" /> Add a tag
    </button>
  );
}

function spokenTimes(instances: Tag['instances']): string {
  const times = instances.slice(0, MOST_TIMES).map(({ startMs }) => clock(startMs));
  const more = instances.length - times.length;
  return `seen at ${times.join(', ')}${more > 0 ? ` and ${counted(more, 'more time')}` : ''}`;
}
