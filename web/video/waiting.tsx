import type { SessionFacts, VideoDetail } from '../../src/server/contract/index.ts';
import { cancelVideo, deleteVideo, retryVideo } from '../api/videos.ts';
import { VideoCard } from '../library/card.tsx';
import { tellError } from '../shell/notices.tsx';
import { go } from '../shell/place.ts';

interface WaitingProps {
  readonly video: VideoDetail;
  readonly session: SessionFacts;
  readonly onAgain: () => void;
}

/** A video without a result: how far it is, or why there is none. */
export function Waiting({ video, session, onAgain }: WaitingProps) {
  const maySubmit = session.scopes.includes('submit');
  const actions = {
    cancel: maySubmit ? () => void cancelVideo(video.id).then(onAgain, tellError) : null,
    retry: maySubmit ? () => void retryVideo(video.id).then(onAgain, tellError) : null,
    remove: session.scopes.includes('admin') ? () => void deleteVideo(video.id).then(() => go('/'), tellError) : null,
  };
  return (
    <div class="cards waiting">
      <VideoCard video={video} actions={actions} />
    </div>
  );
}
