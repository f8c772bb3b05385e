import type { PreviousUpload, UrlStorage } from 'tus-js-client';

/** An upload that this browser has begun and not ended, for whoever comes back with its file. */
export interface KeptUpload {
  readonly fingerprint: string;
  readonly name: string;
  readonly bytes: number;
  /** Where it is on the server. */
  readonly url: string;
}

const PREFIX = 'framescribe-upload ';

/** Tells a file from others without reading it. */
export function fingerprintOf({ name, size, lastModified }: File): string {
  return `${size} ${lastModified} ${name}`;
}

/** What tus remembers, one upload a file. Where the browser keeps nothing, there is nothing to go on with. */
export const keptUploads: UrlStorage = {
  findAllUploads: async () => all().map(({ kept }) => kept),
  findUploadsByFingerprint: async (fingerprint) =>
    all()
      .filter((one) => one.fingerprint === fingerprint)
      .map(({ kept }) => kept),
  removeUpload: async (key) => localStorage.removeItem(key),
  addUpload: async (fingerprint, upload) => {
    const key = PREFIX + fingerprint;
    try {
      localStorage.setItem(key, JSON.stringify(upload));
    } catch {
      // Full, or not allowed.
    }
    return key;
  },
};

export function readKept(): readonly KeptUpload[] {
  return all().flatMap(({ fingerprint, kept: { metadata, size, uploadUrl } }) => {
    const name = metadata.filename;
    return name !== undefined && size !== null && uploadUrl !== null
      ? [{ fingerprint, name, bytes: size, url: uploadUrl }]
      : [];
  });
}

export function forgetKept(fingerprint: string): void {
  localStorage.removeItem(PREFIX + fingerprint);
}

function all(): readonly { readonly fingerprint: string; readonly kept: PreviousUpload }[] {
  try {
    const keys = Object.keys(localStorage).filter((key) => key.startsWith(PREFIX));
    return keys.flatMap((key) => {
      const kept = { ...JSON.parse(localStorage.getItem(key) ?? 'null'), urlStorageKey: key } as PreviousUpload;
      return [{ fingerprint: key.slice(PREFIX.length), kept }];
    });
  } catch {
    return [];
  }
}
