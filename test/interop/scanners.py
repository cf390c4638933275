"""What picklescan, modelscan and fickling say of the files given on stdin, one path a line: prints JSON. Called by scanners.mjs.

None of them runs a file. Each is asked through its documented Python interface; what it raises is its verdict `error`.
"""

import contextlib
import importlib.metadata
import json
import logging
import sys
import zipfile

import fickling
import picklescan.scanner
from fickling.analysis import Severity
from modelscan.modelscan import ModelScan

logging.disable(logging.CRITICAL)


def by_picklescan(path):
    result = picklescan.scanner.scan_file_path(path)
    if result.issues_count:
        return "unsafe"
    if result.scan_err:
        return "error"
    if not result.scanned_files:
        return "not scanned"
    return "unknown" if result.suspicious_count else "safe"


def by_modelscan(path):
    result = ModelScan().scan(path)
    if result["summary"]["total_issues"]:
        return "unsafe"
    if result["errors"]:
        return "error"
    return "safe" if result["summary"]["scanned"]["total_scanned"] else "not scanned"


def by_fickling(path):
    if zipfile.is_zipfile(path):
        results = list(fickling.scan_zip_archive(path, graceful=True).values())
        if not results:
            return "not scanned"
    else:
        results = [fickling.scan_file(path, graceful=True)]
    worst = max(result.severity for result in results)
    if worst >= Severity.LIKELY_UNSAFE:
        return "unsafe"
    if any(result.errors for result in results):
        return "error"
    return "safe" if worst <= Severity.LIKELY_SAFE else "unknown"


SCANNERS = {"picklescan": by_picklescan, "modelscan": by_modelscan, "fickling": by_fickling}


def verdict(scan, path):
    try:
        return scan(path)
    except Exception:
        return "error"


if __name__ == "__main__":
    paths = sys.stdin.read().splitlines()
    # fickling prints warnings.
    with contextlib.redirect_stdout(sys.stderr):
        files = {path: {name: verdict(scan, path) for name, scan in SCANNERS.items()} for path in paths}
    versions = {name: importlib.metadata.version(name) for name in SCANNERS}
    print(json.dumps({"versions": versions, "files": files}))
