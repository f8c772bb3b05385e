import { describe, expect, it } from 'vitest';
import type { Caption } from '../../src/domain/result.ts';
import { backs } from '../../src/summary/story.ts';
import { withoutUnsureDetails } from '../../src/summary/sure-words.ts';

describe('a caption without unsure details', () => {
  it.each([
    ['a man in a *blue shirt', 'a man in a shirt'],
    ['a man in a blue shirt', 'a man in a blue shirt'],
    ['a *black and *white dog', 'a dog'],
    ['a black and *white dog is running', 'a dog is running'],
    ['an *old man sitting', 'a man sitting'],
    ['a *young adult', 'an adult'],
    ['two *young boys', 'two boys'],
    ['a man in *white', 'a man in white'],
    ['a *man is *running', 'a man is running'],
    ['*two dogs', 'two dogs'],
  ])('%s → %s', (marked, expected) => {
    const caption = captionOf(marked);
    expect(withoutUnsureDetails(caption)).toBe(expected);
    expect(backs(caption.text, expected)).toBe(true);
  });

  it('stays whole where its words are not its tokens', () => {
    const caption = captionOf('a *blue bird');
    expect(withoutUnsureDetails({ ...caption, tokens: caption.tokens.slice(1) })).toBe('a blue bird');
    expect(withoutUnsureDetails({ ...caption, tokens: [] })).toBe('a blue bird');
  });
});

/** Words with a star before them are unlikely ones. */
function captionOf(marked: string): Caption {
  const tokens = marked.split(' ').map((word) => ({
    word: word.replace('*', ''),
    logProbability: Math.log(word.startsWith('*') ? 0.2 : 0.5),
  }));
  return { text: marked.replaceAll('*', ''), confidence: 0.8, uncertain: false, logProbability: -4, tokens };
}
