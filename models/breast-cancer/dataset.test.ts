import { expect, test } from 'vitest';
import { openEngine } from '../../src/infer/engines/openEngine.ts';
import { readFolder } from '../../src/publish/readFolder.ts';

const folder = await readFolder(import.meta.dirname);
const rows = new TextDecoder().decode(folder.files.get('rows.csv')).trim().split('\n');

test('its card describes the rows', () => {
  const { card } = folder;
  expect(rows[0]?.split(',')).toEqual(card.columns?.map(({ name }) => name));
  expect(rows.length - 1).toBe(card.rows);
  const diagnoses = rows.slice(1).map((row) => row.split(',').at(-1));
  expect([...new Set(diagnoses)].sort()).toEqual(['benign', 'malignant']);
  expect(card.summary).toContain(`${diagnoses.filter((is) => is === 'malignant').length} malignant`);
});

test('it comes with its licence, and its rows can be asked for', async () => {
  expect(new TextDecoder().decode(folder.files.get('LICENCE'))).toContain('CC BY 4.0');
  const engine = await openEngine(folder);
  const { body } = await engine.run({ model: 'm', from: 0, limit: 1 }, new AbortController().signal);
  expect(body).toMatchObject({ total: 569, next: 1, rows: [{ diagnosis: 'malignant' }] });
});
