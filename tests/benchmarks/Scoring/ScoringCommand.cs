using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Google.Protobuf;
using Pipeline.Infra.CommandLine;
using Pipeline.Infra.Streaming;
using Pipeline.Predictor.Models;
using Pipeline.Predictor.Scoring;
using Pipeline.Predictor.Service;
using Pipeline.Schemas;
using Pipeline.Schemas.Wire;

namespace Pipeline.Tests.Benchmarks.Scoring;

/// <summary><c>scoring</c>: from the bytes of a snapshot to the bytes of its predictions, part by part, without Kafka.</summary>
internal static class ScoringCommand
{
    private static readonly Option<int[]> Sizes = new("--sizes") { Description = "VMs", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [10_000, 50_000] };
    private static readonly Option<FileInfo> Model = new("--model") { Description = "The model; default: the one that is shipped", DefaultValueFactory = _ => new FileInfo(ModelFile.DefaultPath) };
    private static readonly Option<int> Threads = CommonOptions.Int("--threads", "Threads of computation", 2, 1, 64);
    private static readonly Option<int> Repetitions = CommonOptions.Int("--repetitions", "Runs of each size; medians are shown", 15, 1, 1000);

    public static Command Create()
    {
        Command command = new("scoring", "From the bytes of a snapshot to the bytes of its predictions, part by part, without Kafka.") { Model, Sizes, Threads, Repetitions };
        command.SetAction(parsed =>
        {
            (Scorer scorer, ModelCard card) = ModelFile.Open(parsed.GetValue(Model)!.FullName, parsed.GetValue(Threads));
            using Scorer disposed = scorer;
            Console.WriteLine($"{card.Id}, {card.Weights:N0} weights, {parsed.GetValue(Threads)} threads");
            foreach (int vms in parsed.GetValue(Sizes)!) Run(scorer, card, vms, parsed.GetValue(Repetitions));
        });
        return command;
    }

    private static void Run(Scorer scorer, ModelCard card, int vms, int repetitions)
    {
        StreamRecord[] records = SnapshotFleet.Records(card.Signature, vms);
        PredictorProcessor processor = new(scorer, card.Id);
        SnapshotReader reader = new(scorer.Signature, scorer.Threads);
        Forecast forecast = new();
        ByteCounter output = new();
        List<double> whole = [], decode = [], read = [], network = [];
        long allocated = 0;
        // The first two runs compile and make room.
        for (int i = -2; i < repetitions; i++)
        {
            long before = GC.GetTotalAllocatedBytes(precise: true), start = Stopwatch.GetTimestamp();
            foreach (StreamRecord record in records) processor.Process(record, output);
            double all = Ms(start);
            long bytes = GC.GetTotalAllocatedBytes(precise: true) - before;

            start = Stopwatch.GetTimestamp();
            SnapshotView[] chunks = [.. records.Select(r => SnapshotView.TryRead(new RecordContext(r.KeyText, r.TimestampUnixMs), r.Value, out SnapshotView chunk, out string reason) ? chunk : throw new UserException(reason))];
            double decoded = Ms(start);
            start = Stopwatch.GetTimestamp();
            reader.Read(chunks);
            double filled = Ms(start);
            start = Stopwatch.GetTimestamp();
            scorer.Run(reader.Inputs, forecast);
            double ran = Ms(start);
            if (i < 0) continue;
            allocated += bytes;
            whole.Add(all);
            decode.Add(decoded);
            read.Add(filled);
            network.Add(ran);
        }
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"\n| {vms:N0} VMs | ms, median (lowest) |\n|---|--:|"));
        Print("bytes to chunks, read in place and checked", decode);
        Print("chunks to inputs", read);
        Print("network", network);
        // The parts were run apart from the whole: only their medians can be taken from its.
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| predictions to bytes (what is left of the whole's median) | {Median(whole) - Median(decode) - Median(read) - Median(network):F1} |"));
        Print("whole, bytes in to bytes out", whole);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"\n{records.Sum(r => (long)r.Value.Length) / 1e6:F1} MB in, {output.Bytes / 1e6 / (repetitions + 2):F1} MB out, {allocated / (double)repetitions / vms:F0} bytes allocated a VM\n"));
    }

    private static double Ms(long start) => Stopwatch.GetElapsedTime(start).TotalMilliseconds;

    private static void Print(string part, List<double> ms) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {part} | {Median(ms):F1} ({ms.Min():F1}) |"));

    private static double Median(List<double> ms) => ms.Order().ElementAt(ms.Count / 2);

    private sealed class ByteCounter : IOutput
    {
        public long Bytes { get; private set; }

        public void Emit<T>(TopicSpec<T> topic, string key, T value)
            where T : IMessage<T> => Bytes += value.ToByteArray().Length;

        // As the service does: the client is given an array of its own.
        public void EmitBytes<T>(TopicSpec<T> topic, string key, ReadOnlySpan<byte> value)
            where T : IMessage<T> => Bytes += value.ToArray().Length;

        public void DeadLetter(in StreamRecord record, string reason) => throw new UserException(reason);
    }
}
