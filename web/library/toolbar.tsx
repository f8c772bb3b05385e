import { useEffect, useRef } from 'preact/hooks';
import type { TagList } from '../../src/server/contract/index.ts';
import type { Sort } from '../api/videos.ts';
import { Icon } from '../shell/icon.tsx';
import { go, place } from '../shell/place.ts';
import { addressOf, GROUPS, readQuestion } from './question.ts';

const SORTS: readonly (readonly [Sort, string])[] = [
  ['newest', 'Newest'],
  ['oldest', 'Oldest'],
  ['name', 'By name'],
  ['longest', 'Longest'],
];

/** How many tags are offered before somebody asks for all. */
const MOST_TAGS = 12;

type Change = Partial<Omit<ReturnType<typeof readQuestion>, 'states'>>;

/** Search, states, order and tags: each choice goes into the address, so that it can be kept and shared. */
export function Toolbar({ tags }: { readonly tags: TagList['tags'] }) {
  const question = readQuestion(place.value.query);
  const change = (part: Change, replace = false) => go(addressOf({ ...question, ...part }), { replace });
  return (
    <search class="toolbar">
      <SearchField value={question.q} onInput={(q) => change({ q }, true)} />
      <fieldset class="groups">
        <legend class="hidden">Show</legend>
        {GROUPS.map(({ name, says }) => (
          <label key={name}>
            <input
              type="radio"
              name="group"
              checked={question.group === name}
              onChange={() => change({ group: name })}
            />
            <span>{says}</span>
          </label>
        ))}
      </fieldset>
      <label class="order">
        <span class="hidden">Order</span>
        <select
          value={question.sort}
          disabled={question.q !== ''}
          title={question.q === '' ? undefined : 'Best matches come first'}
          onChange={({ currentTarget }) => change({ sort: currentTarget.value as Sort })}
        >
          {SORTS.map(([sort, says]) => (
            <option key={sort} value={sort}>
              {says}
            </option>
          ))}
        </select>
      </label>
      {tags.length > 0 && (
        <TagFilter tags={tags} chosen={question.tags} onChoose={(chosen) => change({ tags: chosen })} />
      )}
    </search>
  );
}

function SearchField({ value, onInput }: { readonly value: string; readonly onInput: (q: string) => void }) {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const stop = new AbortController();
    const focus = (event: KeyboardEvent) => {
      const isTyping = event.target instanceof HTMLElement && /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName);
      if (event.key !== '/' || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      field.current?.focus();
    };
    document.addEventListener('keydown', focus, { signal: stop.signal });
    return () => stop.abort();
  }, []);
  return (
    <label class="search">
      <span class="hidden">Search what is seen in the videos</span>
      <Icon name="search" />
      <input
        ref={field}
        type="search"
        placeholder="dog beach, “red car”, -snow"
        value={value}
        maxLength={200}
        autocomplete="off"
        spellcheck={false}
        onInput={({ currentTarget }) => onInput(currentTarget.value)}
      />
      <span class="key" aria-hidden="true">
        /
      </span>
    </label>
  );
}

interface TagFilterProps {
  readonly tags: TagList['tags'];
  readonly chosen: readonly string[];
  readonly onChoose: (tags: readonly string[]) => void;
}

function TagFilter({ tags, chosen, onChoose }: TagFilterProps) {
  const names = tags.map(({ name }) => name);
  const offered = [...chosen, ...names.filter((name) => !chosen.includes(name)).slice(0, MOST_TAGS)];
  const others = names.filter((name) => !offered.includes(name));
  const toggle = (name: string) =>
    onChoose(chosen.includes(name) ? chosen.filter((one) => one !== name) : [...chosen, name]);
  return (
    <fieldset class="tag-filter">
      <legend class="hidden">Tags</legend>
      {offered.map((name) => (
        <button key={name} type="button" class="chip" aria-pressed={chosen.includes(name)} onClick={() => toggle(name)}>
          {name}
        </button>
      ))}
      {others.length > 0 && (
        <select
          class="chip"
          aria-label="More tags"
          value=""
          onChange={({ currentTarget }) => toggle(currentTarget.value)}
        >
          <option value="">More…</option>
          {others.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      )}
    </fieldset>
  );
}
