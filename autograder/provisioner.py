"""Hands nbclient the kernel of a berth, through jupyter_client like any other kernel.

What is asked of the kernel goes over the submission's control socket, and so does the news that it
ended.
"""

from __future__ import annotations

import asyncio
import signal
from importlib.metadata import EntryPoint
from typing import Any

import zmq
from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning import KernelProvisionerBase, KernelProvisionerFactory

from autograder.kernels import START_SECONDS, Berth, JailBroken

NAME = "gptlab-jail"
MOST_MESSAGE = 16 * 2**20  # bytes of one message of the kernel: a larger one ends the connection


class Provisioner(KernelProvisionerBase):
    """A kernel that is there already. What is asked of it goes to its warden."""

    exit_status: int | None = None
    broken: str = ""

    @property
    def berth(self) -> Berth:
        """The cell of this kernel."""
        return self.parent.berth

    @property
    def has_process(self) -> bool:
        """Whether there is a kernel, alive or not."""
        return True

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Wait until the kernel has bound its sockets."""
        for news in await asyncio.to_thread(self.berth.listen, START_SECONDS):
            self._heed(news)
            if news["said"] == "ready":
                return self.parent.get_connection_info()
        raise JailBroken(f"The kernel did not start: {self.broken or 'no answer'}")

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Nothing to find out: the nursery knows how to start a kernel."""
        return await super().pre_launch(cmd=[], **kwargs)

    def _heed(self, news: dict) -> None:
        if news["said"] == "broken":
            self.broken = news["why"]
        if news["said"] in ("ended", "stopped", "gone", "broken"):
            self.exit_status = news.get("status", -signal.SIGKILL)

    async def poll(self) -> int | None:
        """None while the kernel lives, else its exit status."""
        if self.exit_status is None:
            for news in self.berth.listen():
                self._heed(news)
        return self.exit_status

    async def wait(self) -> int | None:
        """Wait for the kernel's end."""
        while await self.poll() is None:
            await asyncio.sleep(0.05)
        return self.exit_status

    async def send_signal(self, signum: int) -> None:
        """An interrupt, or the end, for the kernel; its forks go on."""
        self.berth.tell("interrupt" if signum == signal.SIGINT else "kill")

    async def kill(self, restart: bool = False) -> None:
        """End the kernel."""
        await self.send_signal(signal.SIGKILL)

    async def terminate(self, restart: bool = False) -> None:
        """End the kernel: it is asked for nothing."""
        await self.send_signal(signal.SIGKILL)

    async def cleanup(self, restart: bool = False) -> None:
        """Nothing: the berth's context takes everything away."""


class KernelManager(AsyncKernelManager):
    """A kernel manager whose kernel waits in a berth."""

    berth: Berth

    @property
    def kernel_spec(self) -> KernelSpec:
        """A Python kernel that our provisioner starts."""
        return KernelSpec(
            argv=["kernel"],
            display_name="Python 3",
            language="python",
            metadata={"kernel_provisioner": {"provisioner_name": NAME}},
        )


def manager(berth: Berth) -> KernelManager:
    """A manager for the kernel of this berth; its connection file is where the kernel reads it."""
    factory = KernelProvisionerFactory.instance()
    factory.provisioners[NAME] = EntryPoint(
        NAME, "autograder.provisioner:Provisioner", KernelProvisionerFactory.GROUP_NAME
    )
    made = KernelManager()
    made.context.setsockopt(zmq.MAXMSGSIZE, MOST_MESSAGE)
    made.load_connection_info(berth.connection)
    made.berth = berth
    return made
