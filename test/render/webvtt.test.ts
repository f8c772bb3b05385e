import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { captionsVtt, chaptersVtt, escapeCue, webVtt } from '../../src/render/webvtt.ts';
import { exampleResult } from './example-result.ts';

describe('captions.vtt', () => {
  it('has one cue a shot, with its surest caption', () => {
    const text = captionsVtt(exampleResult());
    expect(text.startsWith('WEBVTT\n\n')).toBe(true);
    expect(text.split('\n\n').slice(1)).toHaveLength(9);
    expect(text).toContain('s0002\n00:00:09.500 --> 00:00:35.900\nA brown dog is running through the grass\n');
  });

  it('says “perhaps” before a caption that the model is not sure of', () => {
    expect(captionsVtt(exampleResult())).toContain('\n(perhaps) a group of people standing in front of a building\n');
  });
});

it('writes chapters as cues that follow each other', () => {
  const result = exampleResult();
  const text = chaptersVtt(result.chapters);
  expect(text.match(/-->/g)).toHaveLength(result.chapters.length);
  expect(text).toContain('c01\n00:00:00.000 --> ');
});

it('lets no text break out of its cue', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('-', '>', '<', '&', '\n', '\r', '\u0000', ' ', 'a') }), (text) => {
      const escaped = escapeCue(text);
      expect(escaped).not.toMatch(/-->|[\n\r\0<>]|&(?!amp;|lt;|gt;)/);
    }),
  );
});

it('gives a cue of no length a millisecond', () => {
  expect(webVtt([{ id: 'x', startMs: 5, endMs: 5, payload: 'y' }])).toContain('00:00:00.005 --> 00:00:00.006');
});
