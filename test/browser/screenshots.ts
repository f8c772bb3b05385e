import { join } from 'node:path';
import type { Page } from 'playwright-core';

/** A folder for screenshots, for people to look at; empty for none. */
export const SCREENSHOTS = process.env.FRAMESCRIBE_SCREENSHOTS ?? '';

/** Takes pictures of a page as it is, on a phone and on a desk, light and dark. */
export async function shoot(page: Page, name: string): Promise<void> {
  if (SCREENSHOTS === '') return;
  const before = page.viewportSize();
  for (const width of [375, 1440]) {
    await page.setViewportSize({ width, height: width < 500 ? 812 : 900 });
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.waitForTimeout(300);
      const path = join(SCREENSHOTS, `${name}-${colorScheme}-${width}.png`);
      // A phone shows little at a time.
      await page.screenshot({ path, fullPage: width < 500 });
    }
  }
  await page.emulateMedia({ colorScheme: 'light' });
  if (before) await page.setViewportSize(before);
}
