import { shellWord } from '../native/shell-quote.ts';
import { displayText } from '../protocol/display-text.ts';
import type { ByteText } from '../protocol/elf.ts';
import type { Remedy } from '../protocol/explain.ts';
import type { World } from './world.ts';

/** How to get a library by its name from the packages of the distribution. Nothing is installed by us. */
export async function packageRemedies(
  world: World,
  name: ByteText,
  elfClass: 32 | 64 | null,
): Promise<readonly Remedy[]> {
  const special = knownLibraries.find(({ names }) => names.test(name));
  if (special !== undefined) return special.remedies(name);
  if (name.includes('/')) return [];
  const owners = await world.packages.shipping(name);
  const remedies = owners.slice(0, 3).map((owner): Remedy => {
    const install = owner.isInstalled ? 'apt-get install --reinstall' : 'apt-get install';
    return {
      id: owner.isInstalled ? 'reinstall-package' : 'install-package',
      title: `${owner.isInstalled ? 'Install again' : 'Install'} the package ${owner.name}`,
      why: owner.isInstalled
        ? `It is installed and has ${displayText(owner.path)}: where that file is gone, this brings it back.`
        : `It has ${displayText(owner.path)} (${displayText(owner.source)}).`,
      command: owner.source.includes('/apk/') ? `apk fix ${owner.name}` : `sudo ${install} ${shellWord(owner.name)}`,
    };
  });
  if (remedies.length > 0) return remedies;
  const remedy = byDistribution(world, name, elfClass);
  if (remedy === null) return [];
  return world.distribution === 'debian' ? [await checkedRemedy(world, name, remedy)] : [remedy];
}

/** Commands that find the package, or install by the name of the library, which several package managers can. */
function byDistribution({ distribution }: World, name: ByteText, elfClass: 32 | 64 | null): Remedy | null {
  const quoted = shellWord(name);
  switch (distribution) {
    case 'debian': {
      const guess = debianPackage(name);
      const search = `apt-file search --regexp ${shellWord(`/${name.replace(/[.+]/gu, '\\$&')}$`)}`;
      if (guess === null) return findPackage(name, '');
      return {
        id: 'install-package',
        title: `Install the package ${guess}`,
        why: `That is the name that Debian's policy (8.1) gives to the package of ${displayText(name)}; what package really has it, says: ${search}`,
        command: `sudo apt-get install ${guess}`,
      };
    }
    case 'fedora':
      return {
        id: 'install-package',
        title: 'Install the package that provides it',
        why: 'Packages of RPM provide libraries by their SONAME, and dnf takes that for a name.',
        command: `sudo dnf install ${shellWord(`${name}()${elfClass === 32 ? '' : '(64bit)'}`)}`,
      };
    case 'arch':
      return {
        id: 'find-package',
        title: 'Find its package',
        why: 'pacman knows the files of all packages once it has fetched their lists (pacman -Fy).',
        command: `pacman -F ${quoted}`,
      };
    case 'alpine':
      return {
        id: 'install-package',
        title: 'Install the package that provides it',
        why: 'Packages of Alpine provide libraries by their SONAME. What was built for glibc does not run on musl all the same.',
        command: `apk add ${shellWord(`so:${name}`)}`,
      };
    case null:
      return null;
  }
}

/** A guessed name is told only where apt's lists do not say that there is no such package. */
async function checkedRemedy(world: World, name: ByteText, remedy: Remedy): Promise<Remedy> {
  const guess = debianPackage(name);
  if (guess === null) return remedy;
  // Debian 13 and Ubuntu 24.04 have rebuilt packages for times of 64 bits under names of their own.
  const available = await world.packages.available();
  if (available === null) return remedy;
  const found = [guess, `${guess}t64`].find(candidate => available.has(candidate));
  if (found !== undefined) {
    return {
      ...remedy,
      title: `Install the package ${found}`,
      why: `${remedy.why} apt's lists have a package of that name.`,
      command: `sudo apt-get install ${found}`,
    };
  }
  return findPackage(
    name,
    `apt's lists have no package ${guess}, as Debian's policy would call it: it may be in another release, or in no package at all. `,
  );
}

function findPackage(name: ByteText, why: string): Remedy {
  return {
    id: 'find-package',
    title: 'Find its package',
    why: `${why}apt-file knows the files of all packages (apt-get install apt-file && apt-file update).`,
    command: `apt-file search --regexp ${shellWord(`/${name.replace(/[.+]/gu, '\\$&')}$`)}`,
  };
}

/** Names that are older than the policy. */
const unusualPackages: Readonly<Record<string, string>> = {
  'libz.so.1': 'zlib1g',
  'libglib-2.0.so.0': 'libglib2.0-0',
  'libgobject-2.0.so.0': 'libglib2.0-0',
  'libgthread-2.0.so.0': 'libglib2.0-0',
  'libgio-2.0.so.0': 'libglib2.0-0',
  'libgtk-3.so.0': 'libgtk-3-0',
  'libgdk-3.so.0': 'libgtk-3-0',
  'libtinfo.so.6': 'libtinfo6',
  'libGL.so.1': 'libgl1',
  'libEGL.so.1': 'libegl1',
  'libnss3.so': 'libnss3',
  'libasound.so.2': 'libasound2',
  'libX11-xcb.so.1': 'libx11-xcb1',
  'libbz2.so.1.0': 'libbz2-1.0',
};

/** `libfoo.so.1` → `libfoo1`, `libfoo2.so.1` → `libfoo2-1` (Debian Policy 8.1); null: the name has no version. */
export function debianPackage(soname: ByteText): string | null {
  const known = unusualPackages[soname];
  if (known !== undefined) return known;
  const match = /^(lib[A-Za-z0-9_+.-]+?)(?:-(\d[\d.]*))?\.so(?:\.(\d[\d.]*))?$/u.exec(soname);
  const name = match?.[1];
  const version = match?.[3] ?? match?.[2];
  if (name === undefined || version === undefined) return null;
  const stem = `${name}${match?.[3] !== undefined && match[2] !== undefined ? `-${match[2]}` : ''}`;
  return `${stem}${/\d$/u.test(stem) ? '-' : ''}${version}`.replaceAll('_', '-').toLowerCase();
}

interface KnownLibrary {
  readonly names: RegExp;
  readonly remedies: (name: ByteText) => readonly Remedy[];
}

/** Libraries that no distribution's package has, or that come another way. */
const knownLibraries: readonly KnownLibrary[] = [
  {
    names: /^lib(?:cuda|nvidia-[\w-]+|nvcuvid|nvoptix)\.so/u,
    remedies: name => [
      {
        id: 'nvidia-driver',
        title: 'It belongs to the driver of NVIDIA',
        why: `${displayText(name)} comes with the driver of the graphics card, and with no package of CUDA or of Python. In a container it is lent by the host: start that with GPUs.`,
        command: 'docker run --gpus all IMAGE',
      },
      {
        id: 'without-cuda',
        title: 'Without such a card: take the build for the CPU',
        why: 'A program that was linked with it does not start without it. Most packages have a build that does not need it.',
        command: 'pip install --index-url https://download.pytorch.org/whl/cpu torch    # or: cmake -DUSE_CUDA=OFF …',
      },
    ],
  },
  {
    names:
      /^lib(?:cudart|cublas(?:Lt)?|cufft|curand|cusolver|cusparse|cudnn\w*|nccl|nvrtc|nvJitLink|cupti|nvToolsExt)\.so/u,
    remedies: name => {
      const [, stem = '', version] = /^lib(\w+?)\.so(?:\.(\d+))?/u.exec(name) ?? [];
      const wheels: Readonly<Record<string, string>> = {
        cudart: 'cuda-runtime',
        nvrtc: 'cuda-nvrtc',
        cupti: 'cuda-cupti',
        cublasLt: 'cublas',
        nvJitLink: 'nvjitlink',
        nvToolsExt: 'nvtx',
      };
      const wheel = stem.startsWith('cudnn') ? 'cudnn' : (wheels[stem] ?? stem.toLowerCase());
      return [
        {
          id: 'cuda-runtime',
          title: 'Install the part of the CUDA toolkit that has it, in this very version',
          why: `The number behind .so is the version of CUDA that it was built with; another one does not fit. "binary-detective environment" says which parts of CUDA are here.`,
          command:
            version === undefined
              ? null
              : `pip install nvidia-${wheel}-cu${stem.startsWith('cudnn') || stem === 'nccl' ? '12' : version}`,
        },
      ];
    },
  },
  {
    names: /^libpython\d/u,
    remedies: name => {
      const version = /^libpython(\d\.\d+)/u.exec(name)?.[1] ?? '3';
      return [
        {
          id: 'python-library',
          title: `Find the library of the Python ${version} that it was linked with`,
          why: 'A Python that is built with --enable-shared has it in its LIBDIR. Extension modules need not be linked with it at all.',
          command: `python${version} -c 'import sysconfig; print(sysconfig.get_config_var("LIBDIR"))'`,
        },
        {
          id: 'install-package',
          title: `Install the package libpython${version}`,
          why: 'The name of the package in Debian and Ubuntu.',
          command: `sudo apt-get install libpython${version}`,
        },
      ];
    },
  },
  {
    names: /^lib(?:torch|c10|caffe2)\w*\.so/u,
    remedies: () => [
      {
        id: 'import-torch-first',
        title: 'Import torch before the extension',
        why: 'PyTorch loads its own libraries when it is imported; an extension that is built against it finds them already loaded.',
        command: "python3 -c 'import torch, EXTENSION'",
      },
    ],
  },
  {
    names: /^libc\.musl-|^ld-musl/u,
    remedies: () => [
      {
        id: 'musl',
        title: 'It was built for musl (Alpine)',
        why: 'It does not run with glibc. Take the build for this distribution, or the wheel that is tagged manylinux.',
        command: null,
      },
    ],
  },
];

/** For a library that is too old, or another one than the program was linked with. */
export function packageUpgrade(world: World, library: ByteText): Promise<readonly Remedy[]> {
  return ofOwner(world, library, {
    id: 'upgrade-package',
    title: owner => `Bring the package ${owner} up to date`,
    why: `${displayText(library)} is part of it. It helps where the distribution has a version that offers what is asked for.`,
    commands: {
      debian: 'sudo apt-get install --only-upgrade',
      alpine: 'apk add --upgrade',
      fedora: 'sudo dnf upgrade',
      arch: 'sudo pacman -S',
    },
  });
}

/** For a file that is not as its package has it. */
export function packageAgain(world: World, library: ByteText): Promise<readonly Remedy[]> {
  return ofOwner(world, library, {
    id: 'reinstall-package',
    title: owner => `Install the package ${owner} again`,
    why: `${displayText(library)} is part of it, and not as it should be.`,
    commands: {
      debian: 'sudo apt-get install --reinstall',
      alpine: 'apk fix',
      fedora: 'sudo dnf reinstall',
      arch: 'sudo pacman -S',
    },
  });
}

interface OwnerRemedy {
  readonly id: string;
  readonly title: (owner: string) => string;
  readonly why: string;
  readonly commands: Readonly<Record<'debian' | 'alpine' | 'fedora' | 'arch', string>>;
}

/** What is installed by rpm and pacman only those know: the command asks them itself. */
async function ofOwner(
  world: World,
  library: ByteText,
  { id, title, why, commands }: OwnerRemedy,
): Promise<readonly Remedy[]> {
  const owner = await world.packages.owner(library);
  if (owner !== null) {
    const command = owner.source.includes('/apk/') ? commands.alpine : commands.debian;
    return [{ id, title: title(owner.name), why, command: `${command} ${shellWord(owner.name)}` }];
  }
  const { distribution } = world;
  if ((distribution !== 'fedora' && distribution !== 'arch') || !/\/(?:usr\/)?lib(?:64)?\//u.test(library)) return [];
  const ask = distribution === 'fedora' ? "rpm -qf --queryformat '%{NAME}'" : 'pacman -Qqo';
  const command = `${commands[distribution]} "$(${ask} ${shellWord(library)})"`;
  return [{ id, title: title(`that has ${displayText(library)}`), why, command }];
}
