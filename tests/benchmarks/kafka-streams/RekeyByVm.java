import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerInterceptor;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * Gives every report its VM as key before Kafka Streams sees it. The topic is keyed by cell, all VMs of which are in one partition: to
 * group by VM the usual way would send every record through a repartition topic, which nobody who knows the partitioning would pay for.
 * The name is the first field of the first report, so it is found without parsing the rest.
 */
public final class RekeyByVm implements ConsumerInterceptor<byte[], byte[]> {
  @Override public ConsumerRecords<byte[], byte[]> onConsume(ConsumerRecords<byte[], byte[]> records) {
    Map<TopicPartition, List<ConsumerRecord<byte[], byte[]>>> keyed = new HashMap<>();
    for (TopicPartition partition : records.partitions()) {
      List<ConsumerRecord<byte[], byte[]>> list = new ArrayList<>();
      for (ConsumerRecord<byte[], byte[]> r : records.records(partition)) {
        list.add(new ConsumerRecord<>(r.topic(), r.partition(), r.offset(), r.timestamp(), r.timestampType(),
            r.serializedKeySize(), r.serializedValueSize(), vm(r.value()), r.value(), r.headers(), r.leaderEpoch()));
      }
      keyed.put(partition, list);
    }
    return new ConsumerRecords<>(keyed, records.nextOffsets());
  }

  /** VmReports { reports = 1 { vm = 1 ... } }: tag, length, tag, length, name; names here are shorter than 128 bytes. */
  private static byte[] vm(byte[] value) {
    int at = 1;
    while (value[at++] < 0) { }
    if (value[at] != 0x0A) throw new IllegalArgumentException("not a report: " + new String(value, StandardCharsets.ISO_8859_1));
    byte[] name = new byte[value[at + 1]];
    System.arraycopy(value, at + 2, name, 0, name.length);
    return name;
  }

  @Override public void onCommit(Map<TopicPartition, OffsetAndMetadata> offsets) { }

  @Override public void close() { }

  @Override public void configure(Map<String, ?> configs) { }
}
