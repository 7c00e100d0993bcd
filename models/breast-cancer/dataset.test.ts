import { expect, test } from 'vitest';
import { openEngine } from '../../src/infer/engines/openEngine.ts';
import * as Rows from '../../src/infer/engines/Rows.ts';
import { readFolder } from '../../src/publish/readFolder.ts';

const folder = await readFolder(import.meta.dirname);
const { columns, rows } = Rows.parse(folder.files.get('rows.csv') as Uint8Array, 'csv');

test('its card describes the rows', () => {
  const { card } = folder;
  expect(columns).toEqual(card.columns?.map(({ name }) => name));
  expect(rows.length).toBe(card.rows);
  const diagnoses = rows.map(({ diagnosis }) => diagnosis);
  expect([...new Set(diagnoses)].sort()).toEqual(['benign', 'malignant']);
  expect(card.summary).toContain(`${diagnoses.filter((is) => is === 'malignant').length} malignant`);
});

test('it comes with its licence, and its rows can be asked for', async () => {
  expect(new TextDecoder().decode(folder.files.get('LICENCE'))).toContain('CC BY 4.0');
  const engine = await openEngine(folder);
  const { body } = await engine.run({ model: 'm', from: 0, limit: 1 }, new AbortController().signal);
  expect(body).toMatchObject({ total: 569, next: 1, rows: [{ diagnosis: 'malignant' }] });
});
