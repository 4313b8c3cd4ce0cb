import { closeSync, fstatSync, readSync } from 'node:fs';
import { folderOf } from '../../dependencies/loader/link-map.ts';
import { openRegularFile } from '../../elf/open-elf.ts';
import type { ByteText } from '../../protocol/elf.ts';

const maximumCompilerBytes = 256 << 20;

/** Of nvcc: by the toolkit's own file about itself, else by what the program holds of its `--version`. It is not run. */
export function compilerVersion(path: ByteText): string | null {
  const root = folderOf(folderOf(path));
  const described = /"cuda_nvcc"\s*:\s*\{[^}]*"version"\s*:\s*"(?<version>[\d.]+)"/u.exec(
    read(`${root}/version.json`) ?? '',
  );
  if (described?.groups?.['version'] !== undefined) return described.groups['version'];
  const old = /^CUDA Version (?<version>[\d.]+)/u.exec(read(`${root}/version.txt`) ?? '')?.groups?.['version'];
  if (old !== undefined) return old;
  const bytes = readBytes(path, maximumCompilerBytes);
  const at = bytes?.indexOf('Cuda compilation tools, release ') ?? -1;
  if (bytes === null || at < 0) return null;
  return /V(?<version>\d+\.\d+\.\d+)/u.exec(bytes.toString('latin1', at, at + 200))?.groups?.['version'] ?? null;
}

/** CUDART_VERSION is 1000 × major + 10 × minor; cuDNN's has three macros. */
export function headerVersion(path: ByteText): string | null {
  const text = read(path) ?? '';
  const macro = (name: string): string | undefined =>
    new RegExp(`^\\s*#\\s*define\\s+${name}\\s+(?<value>\\d+)`, 'mu').exec(text)?.groups?.['value'];
  const parts = ['CUDNN_MAJOR', 'CUDNN_MINOR', 'CUDNN_PATCHLEVEL'].map(macro);
  if (parts.every(part => part !== undefined)) return parts.join('.');
  const number = Number(macro('CUDART_VERSION') ?? macro('CUDA_VERSION'));
  return Number.isNaN(number) ? null : `${Math.floor(number / 1000)}.${Math.floor((number % 1000) / 10)}`;
}

/** By the name of the file that links lead to: `libcudart.so.12.4.127`. `libcuda.so.1` alone says nothing. */
export function libraryVersion(path: ByteText): string | null {
  const version = /\.so\.(?<version>\d+(?:\.\d+)*)$/u.exec(path)?.groups?.['version'] ?? null;
  return /\/libcuda\.so\.1$/u.test(path) ? null : version;
}

/** "NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54.14  Thu …" */
export function moduleVersion(path: ByteText): string | null {
  return /Kernel Module\D*?\s(?<version>\d+\.\d+(?:\.\d+)*)/u.exec(read(path) ?? '')?.groups?.['version'] ?? null;
}

function read(path: ByteText): string | null {
  return readBytes(path, 8 << 20)?.toString('latin1') ?? null;
}

/** The beginning of the file, `limit` bytes at most. */
export function readBytes(path: ByteText, limit: number): Buffer | null {
  try {
    const fd = openRegularFile(path);
    try {
      // Files of /proc have contents and no size.
      const bytes = Buffer.alloc(Math.min(limit, Math.max(fstatSync(fd).size, 1 << 16)));
      return bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, 0));
    } finally {
      closeSync(fd);
    }
  } catch {
    return null;
  }
}
