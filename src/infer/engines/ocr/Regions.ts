/** From the map of the detector to the lines of text: differentiable binarization, Liao et al. 2020, section 3.4. */
import type { Box } from '../Raster.ts';

/** How probable it is for each pixel that it lies inside of a line of text, shrunk. */
export type Probabilities = { readonly width: number; readonly height: number; readonly values: Float32Array };

/** From this on a pixel counts as text. */
const PIXEL = 0.3;
/** Least mean of the pixels of a region. */
const REGION = 0.6;
/** How far a region is grown again, times its area over its perimeter. */
const GROWTH = 1.5;
/** Least side of a region before it is grown, in pixels of the map. */
const SIDE = 3;

/** Upright boxes around the regions of text, in pixels of the map, in the order of reading. */
export function find(map: Probabilities): readonly Box[] {
  const seen = new Uint8Array(map.values.length);
  const boxes: Box[] = [];
  for (let at = 0; at < map.values.length; at++) {
    if (seen[at] || (map.values[at] as number) <= PIXEL) continue;
    const box = grow(flood(map, at, seen), map);
    if (box) boxes.push(box);
  }
  return inReadingOrder(boxes);
}

type Region = { left: number; top: number; right: number; bottom: number; sum: number; count: number };

/** Walks over one region of touching pixels, corners included. */
function flood({ width, height, values }: Probabilities, start: number, seen: Uint8Array): Region {
  const region = { left: width, top: height, right: -1, bottom: -1, sum: 0, count: 0 };
  const queue = [start];
  seen[start] = 1;
  for (let at = queue.pop(); at !== undefined; at = queue.pop()) {
    const x = at % width;
    const y = (at - x) / width;
    region.left = Math.min(region.left, x);
    region.right = Math.max(region.right, x);
    region.top = Math.min(region.top, y);
    region.bottom = Math.max(region.bottom, y);
    region.sum += values[at] as number;
    region.count++;
    for (let row = Math.max(y - 1, 0); row <= Math.min(y + 1, height - 1); row++) {
      for (let column = Math.max(x - 1, 0); column <= Math.min(x + 1, width - 1); column++) {
        const next = row * width + column;
        if (seen[next] || (values[next] as number) <= PIXEL) continue;
        seen[next] = 1;
        queue.push(next);
      }
    }
  }
  return region;
}

function grow({ left, top, right, bottom, sum, count }: Region, map: Probabilities): Box | undefined {
  const width = right - left + 1;
  const height = bottom - top + 1;
  if (Math.min(width, height) < SIDE || sum / count < REGION) return undefined;
  const by = (GROWTH * width * height) / (2 * (width + height));
  const x = Math.max(left - by, 0);
  const y = Math.max(top - by, 0);
  return {
    x,
    y,
    width: Math.min(right + 1 + by, map.width) - x,
    height: Math.min(bottom + 1 + by, map.height) - y,
  };
}

/** Rows from the top, each from the left. A box belongs to the row whose first box it overlaps by more than half. */
function inReadingOrder(boxes: readonly Box[]): readonly Box[] {
  const rows: Box[][] = [];
  for (const box of boxes.toSorted((one, other) => one.y - other.y || one.x - other.x)) {
    const row = rows.find(([first]) => first !== undefined && overlap(first, box) > 0.5);
    if (row) row.push(box);
    else rows.push([box]);
  }
  return rows.flatMap((row) => row.sort((one, other) => one.x - other.x));
}

/** The part of the lower of two heights that both share. */
function overlap(one: Box, other: Box): number {
  const shared = Math.min(one.y + one.height, other.y + other.height) - Math.max(one.y, other.y);
  return shared / Math.min(one.height, other.height);
}
