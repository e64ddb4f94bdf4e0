import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.atomic.LongAdder;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.Suppressed;
import org.apache.kafka.streams.kstream.TimeWindows;
import org.apache.kafka.streams.processor.TimestampExtractor;
import org.apache.kafka.streams.state.Stores;
import pipeline.Metrics.Signals;
import pipeline.Metrics.VmReports;

/**
 * The throughput peer: Apache Kafka Streams 4.3 with exactly_once_v2, per-VM tumbling windows of event time over vm.metrics.
 *
 *   Peer BOOTSTRAP TOPIC OUT GROUP RECORDS   reads RECORDS reports of TOPIC, one a record, and writes closed windows to OUT
 *
 * Windows are 5 min with 1 min grace; each closed window of each VM becomes one record. Tuned as a good user would: large fetches, lz4,
 * in-memory store, 256 MB cache, commits once a second. Prints one line: seconds and CPU seconds of this process from its first record
 * until its group has committed the last.
 */
public final class Peer {
  static final int VALUES = 6;

  public static void main(String[] args) throws Exception {
    run(args[0], args[1], args[2], args[3], Long.parseLong(args[4]));
  }

  /** Event time of the report, not of the record. */
  public static final class ReportTime implements TimestampExtractor {
    @Override public long extract(ConsumerRecord<Object, Object> record, long partitionTime) {
      return ((VmReports) record.value()).getReports(0).getTimeUnixMs();
    }
  }

  /** Count, then sum and maximum of each value. */
  record Aggregate(long count, double[] sum, double[] max) {
    static Aggregate empty() { return new Aggregate(0, new double[VALUES], new double[VALUES]); }

    Aggregate add(VmReports reports) {
      Signals s = reports.getReports(0).getOwn();
      double[] v = {s.getCpuUtilization(), s.getMemoryUtilization(), s.getDiskRead(), s.getDiskWrite(), s.getNetworkReceive(), s.getNetworkTransmit()};
      double[] sum = this.sum.clone(), max = this.max.clone();
      for (int i = 0; i < VALUES; i++) { sum[i] += v[i]; max[i] = Math.max(max[i], v[i]); }
      return new Aggregate(count + 1, sum, max);
    }

    byte[] toBytes() {
      ByteBuffer b = ByteBuffer.allocate(8 + 16 * VALUES).putLong(count);
      for (double x : sum) b.putDouble(x);
      for (double x : max) b.putDouble(x);
      return b.array();
    }

    static Aggregate fromBytes(byte[] bytes) {
      ByteBuffer b = ByteBuffer.wrap(bytes);
      Aggregate a = new Aggregate(b.getLong(), new double[VALUES], new double[VALUES]);
      for (int i = 0; i < VALUES; i++) a.sum[i] = b.getDouble();
      for (int i = 0; i < VALUES; i++) a.max[i] = b.getDouble();
      return a;
    }
  }

  static void run(String bootstrap, String topic, String out, String group, long records) throws Exception {
    LongAdder seen = new LongAdder();
    var sampleSerde = Serdes.serdeFrom((t, s) -> s.toByteArray(), (t, b) -> {
      try { return VmReports.parseFrom(b); } catch (Exception e) { throw new RuntimeException(e); }
    });
    var aggregateSerde = Serdes.serdeFrom((String t, Aggregate a) -> a.toBytes(), (t, b) -> Aggregate.fromBytes(b));
    TimeWindows windows = TimeWindows.ofSizeAndGrace(Duration.ofMinutes(5), Duration.ofMinutes(1));
    var supplier = Stores.inMemoryWindowStore("windows", Duration.ofMinutes(10), Duration.ofMinutes(5), false);
    StreamsBuilder builder = new StreamsBuilder();
    builder.stream(topic, Consumed.with(Serdes.String(), sampleSerde).withTimestampExtractor(new ReportTime()))
        .peek((k, v) -> seen.increment())
        .groupByKey(Grouped.with(Serdes.String(), sampleSerde))
        .windowedBy(windows)
        .aggregate(Aggregate::empty, (vm, s, a) -> a.add(s),
            Materialized.<String, Aggregate>as(supplier).withKeySerde(Serdes.String()).withValueSerde(aggregateSerde).withCachingEnabled())
        .suppress(Suppressed.untilWindowCloses(Suppressed.BufferConfig.unbounded()))
        .toStream((w, a) -> w.key() + "@" + w.window().start())
        .to(out, Produced.with(Serdes.String(), aggregateSerde));

    Path state = Files.createTempDirectory("peer-state");
    Properties p = new Properties();
    p.put(StreamsConfig.APPLICATION_ID_CONFIG, group);
    p.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap);
    p.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    p.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, 1);
    p.put(StreamsConfig.STATE_DIR_CONFIG, state.toString());
    p.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, 1);
    p.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 1000);
    p.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 256L << 20);
    p.put(StreamsConfig.consumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");
    p.put(StreamsConfig.consumerPrefix(ConsumerConfig.MAX_POLL_RECORDS_CONFIG), 10_000);
    p.put(StreamsConfig.consumerPrefix(ConsumerConfig.FETCH_MAX_BYTES_CONFIG), 64 << 20);
    p.put(StreamsConfig.consumerPrefix(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG), 8 << 20);
    p.put(StreamsConfig.consumerPrefix(ConsumerConfig.INTERCEPTOR_CLASSES_CONFIG), RekeyByVm.class.getName());
    p.put(StreamsConfig.producerPrefix(ProducerConfig.LINGER_MS_CONFIG), 50);
    p.put(StreamsConfig.producerPrefix(ProducerConfig.BATCH_SIZE_CONFIG), 1 << 18);
    p.put(StreamsConfig.producerPrefix(ProducerConfig.COMPRESSION_TYPE_CONFIG), "lz4");

    var os = (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap));
         KafkaStreams streams = new KafkaStreams(builder.build(), p)) {
      streams.start();
      while (seen.sum() == 0) Thread.sleep(5);
      long began = System.nanoTime(), cpu = os.getProcessCpuTime();
      long committed = 0;
      while (committed < records) { // until the group has committed all that there is
        Thread.sleep(100);
        committed = 0;
        for (var o : admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get().values()) committed += o.offset();
      }
      double seconds = (System.nanoTime() - began) / 1e9, cpuSeconds = (os.getProcessCpuTime() - cpu) / 1e9;
      System.out.printf("kafka-streams records=%d seconds=%.3f cpu_s=%.3f%n", records, seconds, cpuSeconds);
    }
  }
}
