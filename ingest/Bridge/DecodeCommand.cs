using System.CommandLine;
using System.Text;
using Google.Protobuf;
using Pipeline.Infra.CommandLine;
using Pipeline.Infra.Streaming;
using Pipeline.Ingest.Bridge.Points;
using Pipeline.Schemas;

namespace Pipeline.Ingest.Bridge;

/// <summary><c>ingest bridge decode</c>: shows what a bridge would make of captured records, without Kafka.</summary>
internal static class DecodeCommand
{
    private static readonly Option<FileInfo> Capture = new Option<FileInfo>("--file") { Description = "Captured records, a JSON object a line: topic, partition, offset, timestamp_ms, key_b64, headers, value_b64", Required = true }.AcceptExistingOnly();
    private static readonly Option<bool> Reports = new("--reports") { Description = "Print the reports that come of them instead of the points" };

    public static Command Create()
    {
        BridgeCommandOptions options = new();
        Command command = new("decode", "Prints the points, or the reports, of captured records as JSON lines.") { Capture, Reports };
        options.AddTo(command);
        command.SetAction(parsed =>
        {
            BridgeOptions bridge = options.Read(parsed);
            IEnumerable<StreamRecord> records = CaptureFile.Read(parsed.GetValue(Capture)!);
            int bad = parsed.GetValue(Reports) ? PrintReports(records, bridge) : PrintPoints(records, bridge);
            return bad == 0 ? 0 : 1;
        });
        return command;
    }

    private static int PrintPoints(IEnumerable<StreamRecord> records, BridgeOptions options)
    {
        IPointDecoder decoder = AgentFormats.Decoder(options.Format, options.GraphitePrefix);
        List<MetricPoint> points = [];
        int number = -1, bad = 0;
        foreach (StreamRecord record in records)
        {
            number++;
            points.Clear();
            try
            {
                decoder.Decode(record.Value, record.TimestampUnixMs, points);
            }
            catch (BadRecordException e)
            {
                bad++;
                Console.Error.WriteLine($"record {number}: {e.Message}");
                continue;
            }
            foreach (MetricPoint point in points) Console.WriteLine(PointJson.Write(point, HostNames.Of(point.Series, record), number));
        }
        return bad;
    }

    private static int PrintReports(IEnumerable<StreamRecord> records, BridgeOptions options)
    {
        BridgeProcessor processor = new(options);
        Printer printer = new();
        foreach (StreamRecord record in records) processor.Process(record, printer);
        processor.CloseAll(printer);
        return printer.Bad;
    }

    private sealed class Printer : IOutput
    {
        public int Bad { get; private set; }

        public void Emit<T>(TopicSpec<T> topic, string key, T value)
            where T : IMessage<T> => Console.WriteLine(JsonFormatter.Default.Format(value));

        public void DeadLetter(in StreamRecord record, string reason)
        {
            Bad++;
            Console.Error.WriteLine($"offset {record.Offset}, key {Encoding.UTF8.GetString(record.Key)}: {reason}");
        }
    }
}
