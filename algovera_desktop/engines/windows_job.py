"""A job object of Windows: the processes in it end when this process does, however that ends.

Source: Microsoft's documentation of Job Objects, of ``JOBOBJECT_EXTENDED_LIMIT_INFORMATION``
and of the process access rights.
"""

import ctypes
import logging
import sys
from ctypes import Structure, byref, c_int64, c_size_t, c_uint32, c_uint64, c_void_p, sizeof
from typing import Any

_log = logging.getLogger(__name__)

_EXTENDED_LIMIT_INFORMATION = 9
_KILL_ON_JOB_CLOSE = 0x2000
_PROCESS_TERMINATE = 0x0001
_PROCESS_SET_QUOTA = 0x0100
_EXIT_STATUS = 1


class _BasicLimits(Structure):
    _fields_ = (
        ("per_process_user_time_limit", c_int64),
        ("per_job_user_time_limit", c_int64),
        ("limit_flags", c_uint32),
        ("minimum_working_set_size", c_size_t),
        ("maximum_working_set_size", c_size_t),
        ("active_process_limit", c_uint32),
        ("affinity", c_size_t),
        ("priority_class", c_uint32),
        ("scheduling_class", c_uint32),
    )


class ExtendedLimits(Structure):
    """JOBOBJECT_EXTENDED_LIMIT_INFORMATION."""

    _fields_ = (
        ("basic", _BasicLimits),
        ("io_counters", c_uint64 * 6),
        ("process_memory_limit", c_size_t),
        ("job_memory_limit", c_size_t),
        ("peak_process_memory_used", c_size_t),
        ("peak_job_memory_used", c_size_t),
    )


class WindowsJob:
    """Holds a child and all that it starts. Where Windows refuses, the log says so, and the child
    still ends by itself when its standard input does.

    ``kernel32`` is Windows' library.
    """

    def __init__(self, pid: int, kernel32: Any = None) -> None:
        self._kernel32 = kernel32 or _load_kernel32()
        self._pid = pid
        self._job = self._granted(self._kernel32.CreateJobObjectW(None, None))
        if not (self._job and self._kill_on_close() and self._assign()):
            self.close()

    def end(self) -> None:
        """Kill whatever is still in it."""
        if self._job:
            self._kernel32.TerminateJobObject(self._job, _EXIT_STATUS)
        self.close()

    def close(self) -> None:
        """Let go of it, which kills whatever is still in it. Idempotent."""
        job, self._job = self._job, None
        if job:
            self._kernel32.CloseHandle(job)

    def _kill_on_close(self) -> bool:
        limits = ExtendedLimits()
        limits.basic.limit_flags = _KILL_ON_JOB_CLOSE
        kind = _EXTENDED_LIMIT_INFORMATION
        set_it = self._kernel32.SetInformationJobObject
        return bool(self._granted(set_it(self._job, kind, byref(limits), sizeof(limits))))

    def _assign(self) -> bool:
        wanted = _PROCESS_TERMINATE | _PROCESS_SET_QUOTA
        process = self._granted(self._kernel32.OpenProcess(wanted, False, self._pid))
        if not process:
            return False
        try:
            assign = self._kernel32.AssignProcessToJobObject
            return bool(self._granted(assign(self._job, process)))
        finally:
            self._kernel32.CloseHandle(process)

    def _granted(self, answer: Any) -> Any:
        """What Windows has just answered; why it refused is known until it is asked again."""
        if not answer:
            _log.warning("Windows gave no job for process %d: error %d", self._pid, _last_error())
        return answer


def _load_kernel32() -> Any:
    if sys.platform != "win32":
        raise OSError("job objects are Windows'")
    kernel32 = ctypes.WinDLL("kernel32", use_last_error=True)
    for function in (kernel32.CreateJobObjectW, kernel32.OpenProcess):
        # A handle has the width of a pointer, and ctypes takes every result for an int.
        function.restype = c_void_p
    handles = {
        kernel32.SetInformationJobObject: (c_void_p, c_uint32, c_void_p, c_uint32),
        kernel32.AssignProcessToJobObject: (c_void_p, c_void_p),
        kernel32.TerminateJobObject: (c_void_p, c_uint32),
        kernel32.CloseHandle: (c_void_p,),
    }
    for function, arguments in handles.items():
        function.argtypes = arguments
    return kernel32


def _last_error() -> int:
    return ctypes.get_last_error() if sys.platform == "win32" else 0
