"""More than one GPU or machine: Celery and Redis between one server and any number of workers.

Redis holds, by the job's id, what both sides must agree on; a key that is gone means nothing:

    order      what to paint, while it is wanted; empty once it is not
    lease      the worker that paints it, renewed at every heartbeat, gone soon after its death
    attempts   how many workers have begun
    result     a frame: the picture, or why there is none; the first one counts

Celery's message holds only the job's id. It may come twice, late, or after the end: the worker
that gets the lease while the order is wanted and has no result paints, and every other one lets
the message go. So the server may send again whenever it is in doubt, and it is in doubt when a
lease is gone without a result, and when Redis was away.
"""
