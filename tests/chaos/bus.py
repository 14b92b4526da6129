"""What a topic holds, and records put there by hand."""

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition


async def records(bootstrap: str, topic: str) -> list[list[ConsumerRecord]]:
    """Return all that a topic holds now, partition by partition, in the broker's order."""
    async with AIOKafkaConsumer(topic, bootstrap_servers=bootstrap, auto_offset_reset="earliest") as client:
        partitions = sorted(client.assignment())
        if any((await client.beginning_offsets(partitions)).values()):
            raise RuntimeError(f"the broker has let go of records of {topic}: the run was too long for what it keeps")
        ends = await client.end_offsets(partitions)
        found: dict[TopicPartition, list[ConsumerRecord]] = {partition: [] for partition in partitions}
        while any([await client.position(partition) < ends[partition] for partition in partitions]):
            for partition, batch in (await client.getmany(timeout_ms=500)).items():
                found[partition] += batch
        return list(found.values())


async def unread(bootstrap: str, group: str, topic: str) -> int:
    """Return how many records of a topic a group has not settled: read, applied or set aside, and committed."""
    async with AIOKafkaConsumer(topic, bootstrap_servers=bootstrap) as client:
        ends = await client.end_offsets(client.assignment())
    passed = await _committed(bootstrap, group, list(ends))
    return sum(max(0, end - passed[one]) for one, end in ends.items())


async def settled(bootstrap: str, group: str, topic: str) -> dict[TopicPartition, int]:
    """Return how many records of each partition a group has settled, without joining it."""
    async with AIOKafkaConsumer(topic, bootstrap_servers=bootstrap) as client:
        return await _committed(bootstrap, group, list(client.assignment()))


async def _committed(bootstrap: str, group: str, partitions: list[TopicPartition]) -> dict[TopicPartition, int]:
    async with AIOKafkaConsumer(bootstrap_servers=bootstrap, group_id=group, enable_auto_commit=False) as member:
        member.assign(partitions)
        return {one: await member.committed(one) or 0 for one in partitions}


async def rewind(bootstrap: str, group: str, topic: str) -> int:
    """Set the place of a group that nobody is in back to a topic's beginning; return how many records it had passed."""
    passed = await settled(bootstrap, group, topic)
    async with AIOKafkaConsumer(
        topic, bootstrap_servers=bootstrap, group_id=group, enable_auto_commit=False, session_timeout_ms=3_000
    ) as member:
        await member.commit(dict.fromkeys(member.assignment(), 0))
    return sum(passed.values())


async def copy_to_other_partitions(bootstrap: str, topic: str) -> int:
    """Send all that a topic holds once more, each record to another partition than its own; return how many."""
    held = await records(bootstrap, topic)
    async with AIOKafkaProducer(bootstrap_servers=bootstrap) as producer:
        for partition, batch in enumerate(held):
            for record in batch:
                await producer.send_and_wait(
                    topic,
                    record.value,
                    record.key,
                    partition=(partition + 1) % len(held),
                    headers=list(record.headers),
                )
    return sum(len(batch) for batch in held)
