/** package-lock.json, as far as it is read here. */
export type Lock = { readonly packages: Readonly<Record<string, Entry>> };

/** A locked package, by its path in `node_modules`. */
export type Entry = {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly link?: boolean;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly libc?: readonly string[];
  readonly hasInstallScript?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
};

const SYSTEMS = {
  linux: 'linux',
  darwin: 'darwin',
  macos: 'darwin',
  win32: 'win32',
  windows: 'win32',
  android: 'android',
  freebsd: 'freebsd',
  openharmony: 'openharmony',
  wasi: 'none',
};
const PROCESSORS = {
  x64: 'x64',
  amd64: 'x64',
  arm64: 'arm64',
  arm: 'arm',
  ia32: 'ia32',
  s390x: 's390x',
  ppc64: 'ppc64',
  riscv64: 'riscv64',
  wasm32: 'none',
};
const LIBRARIES = { musl: 'musl', gnu: 'glibc' };

/** Adds the optional platform packages that are missing, or present only in a version that the parent refuses. */
export function complete(lock: Lock): { lock: Lock; added: string[] } {
  const packages: Record<string, Entry> = { ...lock.packages };
  const added: string[] = [];
  for (const [path, entry] of Object.entries(lock.packages)) {
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      const isExact = /^\d/.test(version);
      if (!isExact || packages[resolve(packages, path, name) ?? '']?.version === version) continue;
      const isFree = !path.includes('/node_modules/') && packages[`node_modules/${name}`] === undefined;
      const key = isFree ? `node_modules/${name}` : `${path}/node_modules/${name}`;
      packages[key] = stub(name, version, entry);
      added.push(key);
    }
  }
  const sorted = Object.entries(packages).sort(([a], [b]) => (a < b ? -1 : 1));
  return { lock: { ...lock, packages: Object.fromEntries(sorted) }, added };
}

/** The entry that a package would load under a name, searched upwards as Node does. */
function resolve(packages: Readonly<Record<string, Entry>>, path: string, name: string): string | undefined {
  for (let at = path; ; at = at.includes('/node_modules/') ? at.slice(0, at.lastIndexOf('/node_modules/')) : '') {
    const key = at === '' ? `node_modules/${name}` : `${at}/node_modules/${name}`;
    if (packages[key]) return key;
    if (at === '') return undefined;
  }
}

/** A platform package has its platform in its name. Without integrity: it was never seen here. */
function stub(name: string, version: string, parent: Entry): Entry {
  const base = name.split('/').at(-1) ?? name;
  const cpu = pick(base, PROCESSORS);
  const libc = pick(base, LIBRARIES);
  return {
    version,
    ...(cpu && { cpu: [cpu] }),
    ...(parent.dev && { dev: true }),
    ...(libc && { libc: [libc] }),
    optional: true,
    os: [pick(base, SYSTEMS) ?? 'none'],
  };
}

function pick(name: string, words: Readonly<Record<string, string>>): string | undefined {
  return Object.entries(words).find(([word]) => new RegExp(`(^|[-.])${word}([-.]|$)`).test(name))?.[1];
}
