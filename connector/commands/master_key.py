"""Changing the master key: a new one seals from now on, and what lies sealed is sealed anew."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Mapping

from connector.commands.params import Params, Result
from connector.crypto import KEY_BYTES, Keys, load_keys, next_key, write_keys
from connector.errors import Permanent
from connector.running.service import Service
from connector.storage.resealing import count_old_seals, reseal


async def rotate(service: Service, params: Params) -> Result:
    """A new master key, and everything sealed with it. Stopped in the middle, the next call goes on with the same key.

    params: prepare: only put the next key into the file, so that the file can be copied to other machines first.
    """
    path = service.settings.key_file
    keys = load_keys(path)
    service.keys.take_over(keys)
    coming = next_key(path)
    if params.get("prepare"):
        if coming is None:
            coming = os.urandom(KEY_BYTES)
            write_keys(path, _with_earlier(keys, keys.master, coming), coming)
            service.keys.take_over(load_keys(path))
        return {"prepared": True, "resealed": 0, "went_on": False}
    went_on = coming is None and bool(keys.earlier) and await _is_unfinished(service)
    if not went_on:
        write_keys(path, _with_earlier(keys, coming or os.urandom(KEY_BYTES), keys.master))
        service.keys.take_over(load_keys(path))
    return {"prepared": False, "resealed": await reseal(service.database, service.keys), "went_on": went_on}


async def drop_old(service: Service, params: Params) -> Result:
    """Forget keys that nothing is sealed with any more. Backups from before need them."""
    path = service.settings.key_file
    keys = load_keys(path)
    service.keys.take_over(keys)
    if next_key(path) is not None:
        raise Permanent("A next key is prepared: run belong keys rotate-master first.")
    await reseal(service.database, service.keys)
    if await _is_unfinished(service):
        raise Permanent("Something is still sealed with an old key: another process uses it. Restart it and try again.")
    write_keys(path, Keys(keys.master, (), keys.hash_root))
    service.keys.take_over(load_keys(path))
    return {"dropped": len(keys.earlier)}


async def _is_unfinished(service: Service) -> bool:
    return await count_old_seals(service.database.reading(), service.keys) > 0


def _with_earlier(keys: Keys, master: bytes, *further: bytes) -> Keys:
    others = dict.fromkeys((*further, *keys.earlier))
    return Keys(master, tuple(key for key in others if key != master), keys.hash_root)


MASTER_KEY_COMMANDS: Mapping[str, Callable[[Service, Params], Awaitable[Result]]] = {
    "rotate-master": rotate,
    "drop-old-keys": drop_old,
}
