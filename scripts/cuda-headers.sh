#!/usr/bin/env bash
# Collects the headers the CUDA backend is built with (cuBLASLt, cuDNN 9, NCCL 2, NVRTC) in a folder.
#   scripts/cuda-headers.sh [--download] DIRECTORY
# They come from EVERLEARN_CUDA_PATH, the CUDA toolkit, /usr/include, NVIDIA's Python wheels, or .cache/cuda-wheels of
# this checkout, into which --download installs the wheels that are needed (1.3 GB; their libraries are used too).
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
wheels=$root/.cache/cuda-wheels

download=
if [[ ${1-} == --download ]]; then
  download=yes
  shift
fi
[[ $# == 1 ]] || { echo "usage: cuda-headers.sh [--download] DIRECTORY" >&2; exit 2; }
mkdir -p "$1"
target=$(cd "$1" && pwd)

# header of a library, and what it includes from beside itself
declare -A packages=([cublasLt.h]=nvidia-cublas [cudnn.h]=nvidia-cudnn-cu13 [nccl.h]=nvidia-nccl-cu13 [nvrtc.h]=nvidia-cuda-nvrtc)
declare -A files=([cublasLt.h]='cublasLt.h cublas_api.h' [cudnn.h]='cudnn*.h' [nccl.h]='nccl.h' [nvrtc.h]='nvrtc.h')

folders() {
  local compiler python
  [[ -z ${EVERLEARN_CUDA_PATH-} ]] || tr : '\n' <<<"$EVERLEARN_CUDA_PATH" | sed 's|$|/include|'
  [[ -z ${CUDA_HOME-} ]] || echo "$CUDA_HOME/include"
  # nvcc may be a script or a link into the toolkit.
  if compiler=$(command -v nvcc); then
    "$compiler" --dryrun -x cu -E /dev/null 2>&1 | sed -n 's|^#\$ TOP=\(.*\)|\1/include|p'
  fi
  echo /usr/local/cuda/include
  echo /usr/include
  echo /usr/include/x86_64-linux-gnu
  if python=$(command -v python3); then
    "$python" -c 'import site, sys; print("\n".join(site.getsitepackages() + [site.getusersitepackages()]))' 2>/dev/null
  fi | sed -n 's|$|/nvidia/*/include|p'
  echo "$wheels/nvidia/*/include"
}

find_header() {
  local folder match
  while read -r folder; do
    for match in $folder/"$1"; do # a pattern
      [[ -e $match ]] && dirname "$match" && return
    done
  done < <(folders)
  return 1
}

missing=()
for header in "${!packages[@]}"; do
  [[ -e $target/$header ]] || find_header "$header" >/dev/null || missing+=("$header")
done
if ((${#missing[@]})) && [[ -n $download ]]; then
  command -v python3 >/dev/null || { echo "python3 with pip is needed to download NVIDIA's wheels" >&2; exit 1; }
  wanted=()
  for header in "${missing[@]}"; do wanted+=("${packages[$header]}"); done
  python3 -m pip install --quiet --no-deps --upgrade --target "$wheels" "${wanted[@]}" >&2
fi

for header in "${!packages[@]}"; do
  [[ -e $target/$header ]] && continue
  if ! from=$(find_header "$header"); then
    echo "$header was not found (package ${packages[$header]}): run scripts/cuda-headers.sh --download $target" >&2
    exit 1
  fi
  # shellcheck disable=SC2086 # a pattern
  for pattern in ${files[$header]}; do cp "$from"/$pattern "$target"; done
done
