import { useComputed, useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { Icon } from '../shell/icon.tsx';
import { useDesk } from './desk.ts';
import { FramePicture } from './frame-picture.tsx';
import { placeAt } from './story.ts';

/** The video with its captions and chapters; where it can't be played, the keyframe of the moment. */
export function Stage({ media }: { readonly media: string | null }) {
  const { story, playback, files, gaze } = useDesk();
  const { video } = story.result;
  const element = useRef<HTMLVideoElement>(null);
  const refused = useSignal(false);
  const scene = useComputed(() => story.scenes[Math.max(placeAt(story.scenes, playback.timeMs.value), 0)]);
  const looksAtFrame = useComputed(
    () => gaze.value !== null && gaze.value.keyframe === scene.value?.keyframe.id && !playback.playing.value,
  );
  useEffect(() => (element.current ? playback.follow(element.current) : undefined), [playback, media, refused.value]);

  const plays = media !== null && !refused.value;
  const keyframe = scene.value?.keyframe;
  return (
    <div class="stage" style={{ aspectRatio: `${video.displayWidth} / ${video.displayHeight}` }}>
      {plays && (
        // biome-ignore lint/a11y/useMediaCaption: the captions track is there where the result has one
        <video
          ref={element}
          controls
          playsInline
          preload="metadata"
          src={media}
          poster={story.scenes[0] ? files.url(story.scenes[0].keyframe.image) : undefined}
          onError={() => {
            refused.value = true;
          }}
        >
          {files.has('captions.vtt') && (
            <track kind="captions" src={files.url('captions.vtt')} srclang="en" label="Captions" default />
          )}
          {files.has('chapters.vtt') && (
            <track kind="chapters" src={files.url('chapters.vtt')} srclang="en" label="Chapters" />
          )}
        </video>
      )}
      {keyframe && (!plays || looksAtFrame.value) && (
        <div class="still">
          <FramePicture keyframe={keyframe} alt={plays ? '' : `Keyframe ${keyframe.id}`} />
        </div>
      )}
      {!plays && (
        <p class="unplayable">
          <Icon name="film" />
          {media === null
            ? 'The video itself isn’t here: the timeline shows its keyframes.'
            : 'This browser can’t play the video: the timeline shows its keyframes.'}
        </p>
      )}
    </div>
  );
}
