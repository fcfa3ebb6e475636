"""What a result was measured with."""
import ctypes
import glob
import os
import platform
import re
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version

from workers import ENVIRONMENT

FRAMEWORKS = "numpy", "torch", "jax", "jaxlib"


def said(*command):
    """What a command prints; nothing if there is no such command."""
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout
    except (FileNotFoundError, subprocess.CalledProcessError):
        return ""


def package(name):
    try:
        return f"{name} {version(name)}"
    except PackageNotFoundError:
        return f"{name} missing"


def cpu_slug(name):
    """Short name for a record, e.g. amd-epyc-znver4."""
    march = re.search(r"currently ([\w-]+)", said("rustc", "--print", "target-cpus"))
    slug = re.sub(r"[^a-z0-9]+", "-", f"{name} {march[1] if march else ''}".lower())
    return slug.strip("-")


def blas_libraries():
    """(row, library, symbol) of the CBLAS packages, whether or not they are installed."""
    mkl = first(f"{sys.prefix}/lib/libmkl_rt.so*")
    openblas = first(f"{sys.prefix}/lib/python*/site-packages/scipy_openblas32/lib/*openblas*")
    return [("MKL sgemm", mkl, "cblas_sgemm"), ("OpenBLAS sgemm", openblas, "scipy_cblas_sgemm")]


def first(pattern):
    return next(iter(sorted(glob.glob(pattern))), f"no {os.path.basename(pattern)}")


def openblas_core(library):
    """The kernels that OpenBLAS chose, e.g. SkylakeX."""
    try:
        name = ctypes.CDLL(library).scipy_openblas_get_corename
    except OSError:
        return "missing"
    name.restype = ctypes.c_char_p
    return name().decode()


def gather(build, core):
    """Facts in the order in which they are printed."""
    blas = {row: library for row, library, _ in blas_libraries()}
    gxx = said("g++", "--version").splitlines()
    return {
        "machine": f"{build['cpu']}, {os.cpu_count()} cores, timed on core {core}",
        "ours": f"{build['git'][:12]}, {build['lanes']}, {build['rustc']}",
        "rustflags": os.environ.get("RUSTFLAGS", ""),
        "features": " ".join(build["features"]),
        "C++": f"{gxx[0] if gxx else 'no g++'}, {os.environ['CXXFLAGS']}",
        "python": ", ".join([platform.python_version(), *map(package, FRAMEWORKS)]),
        "products": f"{package('mkl')} (sequential), {package('scipy-openblas32')} "
        f"({openblas_core(blas['OpenBLAS sgemm'])} kernels), faer {build['faer']} (Par::Seq)",
        "workers": ", ".join(f"{name}={value}" for name, value in ENVIRONMENT.items()),
    }
