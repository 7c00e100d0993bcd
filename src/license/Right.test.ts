import { describe, expect, test } from 'vitest';
import * as Right from './Right.ts';

describe('each right', () => {
  const routes = [
    ['/v1/chat/completions', 'infer'],
    ['/v1/classify', 'infer'],
    ['/v1/tools/search', 'infer'],
    ['/v1/embeddings', 'embed'],
    ['/v1/rows', 'train'],
  ] as const;

  test.each(routes)('%s is permitted by %s, and by no other right', (route, needed) => {
    const permitted = Right.rights.filter((right) => Right.hasAny(Right.setOf([right]), [Right.ofRoute(route)]));
    expect(permitted).toEqual([needed]);
  });
});
