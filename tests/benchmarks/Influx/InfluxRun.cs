using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Infra.CommandLine;
using Pipeline.Infra.Influx;
using Pipeline.Infra.TimeSeries;
using Pipeline.Tests.Integration;
using Pipeline.Tests.Integration.Influx;

namespace Pipeline.Tests.Benchmarks.Influx;

/// <summary>
/// Sides write the same points, made beforehand, one after the other in this process; the server is another process. CPU time is this
/// process's, garbage collection included, so points per CPU second are those of one core. Before it is measured each side runs once.
/// </summary>
internal sealed class InfluxRun(int vms, int count, int repetitions)
{
    private const string Database = "bench";

    private static readonly TimeSpan Step = TimeSpan.FromMinutes(5);

    private readonly List<(string Server, string Side, double PerSecond, double PerCpuSecond)> results = [];

    public async Task RunAsync(CancellationToken cancel)
    {
        Point[] points = Points(0);
        using (Process server = ChildProcess.StartSelf(["influx-204"]))
        {
            try
            {
                Uri url = new(await server.StandardOutput.ReadLineAsync(cancel) ?? throw new UserException("the 204 server did not start"));
                await MeasureAsync("204", url, _ => points, null, cancel);
            }
            finally
            {
                server.Kill();
            }
        }
        Print();
        if (Influx1Server.Unavailable is { } reason) Console.WriteLine($"no run into InfluxDB 1.x: {reason}");
        else
        {
            results.Clear();
            await IntoRealAsync(cancel);
            Print();
        }
    }

    private async Task IntoRealAsync(CancellationToken cancel)
    {
        await using Influx1Server server = await Influx1Server.StartAsync();
        using InfluxClient client = new(server.Options(Database), NullLoggerFactory.Instance, TimeProvider.System);
        await client.EnsureTargetAsync(cancel);
        // New points each time: overwriting is another load.
        await MeasureAsync("1.x", server.Url, Points, client, cancel);
    }

    private async Task MeasureAsync(string name, Uri url, Func<int, Point[]> pointsOf, InfluxClient? check, CancellationToken cancel)
    {
        InfluxOptions options = new() { Url = url, Database = Database };
        List<Side> sides = [.. new[] { 1, 2 }.SelectMany(n => new[] { Client(n, true), Client(n, false) })];
        using PlainLoop plain = new(url, Database);
        sides.Add(new Side("plain loop", p => plain.WriteAsync(p, cancel)));
        string file = Path.GetTempFileName();
        if (check is not null && Processes.OnPath("influx") is { } program)
            sides.Add(new Side("influx -import", _ => ImportAsync(program, url, file, cancel)) { Prepare = p => WriteImportAsync(p, file, cancel), OtherProcess = true });
        int round = 0, written = 0;
        try
        {
            for (int repetition = -1; repetition < repetitions; repetition++)
            {
                foreach (Side side in sides)
                {
                    Point[] points = pointsOf(round++);
                    if (side.Prepare is { } prepare) await prepare(points);
                    GC.Collect();
                    TimeSpan cpu = Environment.CpuUsage.TotalTime;
                    long start = Stopwatch.GetTimestamp();
                    if (!await TriedAsync(side.Name, side.Write, points)) continue;
                    written++;
                    double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds, cpuSeconds = side.OtherProcess ? double.NaN : (Environment.CpuUsage.TotalTime - cpu).TotalSeconds;
                    if (repetition < 0) continue;
                    results.Add((name, side.Name, points.Length / seconds, points.Length / cpuSeconds));
                    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}, {side.Name}: {points.Length / seconds:N0} points/s"));
                }
            }
            if (check is not null) await CheckAsync(check, (long)written * count, (long)round * count, cancel);
        }
        finally
        {
            File.Delete(file);
            foreach (Side side in sides) side.Client?.Dispose();
        }

        Side Client(int requests, bool gzip)
        {
            InfluxClient client = new(options with { RequestsMax = requests, GzipFromBytes = gzip ? 2048 : int.MaxValue }, NullLoggerFactory.Instance, TimeProvider.System);
            return new Side($"InfluxClient, requests {requests}{(gzip ? ", gzip" : "")}", p => StoreAsync(client, p, cancel)) { Client = client };
        }
    }

    /// <summary>Whether a side got through: a server that is overloaded answers 500, and what does not try again ends there.</summary>
    private static async Task<bool> TriedAsync(string side, Func<Point[], Task> write, Point[] points)
    {
        try
        {
            await write(points);
            return true;
        }
        catch (HttpRequestException e)
        {
            Console.WriteLine($"{side} gave up, this run of it does not count: {e.Message}");
            return false;
        }
    }

    private static async Task StoreAsync(InfluxClient client, Point[] points, CancellationToken cancel)
    {
        WriteResult result = await client.WriteAsync(points, cancel);
        if (result.Stored != points.Length) throw new UserException($"only {result.Stored} of {points.Length} points were stored");
    }

    private static async Task CheckAsync(InfluxClient client, long least, long most, CancellationToken cancel)
    {
        long found = 0;
        await foreach (InfluxRow row in client.QueryAsync("SELECT COUNT(cpu) FROM vm_step", cancel)) found = row.Integer("count") ?? 0;
        if (found < least || found > most) throw new UserException($"the server holds {found} points; {least} to {most} are wanted");
        Console.WriteLine($"{found} points are there");
    }

    private static async Task WriteImportAsync(Point[] points, string file, CancellationToken cancel)
    {
        LineBatch batch = new();
        LineProtocolWriter writer = new();
        for (int i = 0; i < points.Length; i++) writer.TryWrite(points[i], i, batch, out _);
        await File.WriteAllTextAsync(file, $"# DML\n# CONTEXT-DATABASE: {Database}\n", cancel);
        await using FileStream stream = new(file, FileMode.Append);
        await stream.WriteAsync(batch.Bytes, cancel);
    }

    /// <summary>The server's own tool, <c>influx -import</c>, from a file that is there already.</summary>
    private static Task<string> ImportAsync(string program, Uri url, string file, CancellationToken cancel) =>
        ChildProcess.RunAsync(program, ["-host", url.Host, "-port", url.Port.ToString(CultureInfo.InvariantCulture), "-import", "-path", file, "-precision", "ns"], cancel);

    private Point[] Points(int round)
    {
        Random random = new(round);
        long begin = 1_700_000_000L * 1_000_000_000, step = Step.Ticks * 100, first = round * ((count / (long)vms) + 1);
        return [.. Enumerable.Range(0, count).Select(i => new Point(
            "vm_step",
            [new Tag("cell", $"cell-{i % vms % 8}"), new Tag("vm", $"vm-{i % vms:00000}")],
            [
                new Field("cpu", random.NextDouble()), new Field("cpu_peak", random.NextDouble()), new Field("memory", random.NextDouble()), new Field("free_cores", random.NextDouble() * 16),
                new Field("disk_read", random.NextDouble() * 1e6), new Field("disk_write", random.NextDouble() * 1e6), new Field("network_receive", random.NextDouble() * 1e6),
                new Field("network_transmit", random.NextDouble() * 1e6), new Field("reports", 30L), new Field("late", 0L),
            ],
            begin + ((first + (i / vms)) * step)))];
    }

    private void Print()
    {
        Console.WriteLine("| server | side | points/s: median (min - max) | points per CPU second of the sender | to the plain loop |");
        Console.WriteLine("|---|---|--:|--:|--:|");
        foreach (IGrouping<string, (string Server, string Side, double PerSecond, double PerCpuSecond)> server in results.GroupBy(r => r.Server))
        {
            double plain = Median(server.Where(r => r.Side == "plain loop").Select(r => r.PerSecond)), plainCpu = Median(server.Where(r => r.Side == "plain loop").Select(r => r.PerCpuSecond));
            foreach (IGrouping<string, (string Server, string Side, double PerSecond, double PerCpuSecond)> side in server.GroupBy(r => r.Side))
            {
                double median = Median(side.Select(r => r.PerSecond)), cpu = Median(side.Select(r => r.PerCpuSecond));
                string cpuText = double.IsNaN(cpu) ? "another process" : cpu.ToString("N0", CultureInfo.InvariantCulture), cpuRatio = double.IsNaN(cpu) ? "-" : (cpu / plainCpu).ToString("0.00", CultureInfo.InvariantCulture);
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {server.Key} | {side.Key} | {median:N0} ({side.Min(r => r.PerSecond):N0} - {side.Max(r => r.PerSecond):N0}) | {cpuText} | {median / plain:0.00}, CPU {cpuRatio} |"));
            }
        }
    }

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length == 0 ? double.NaN : sorted[sorted.Length / 2];
    }

    /// <summary>Who writes.</summary>
    private sealed record Side(string Name, Func<Point[], Task> Write)
    {
        /// <summary>What is done before it is measured.</summary>
        public Func<Point[], Task>? Prepare { get; init; }

        /// <summary>The work is not this process's, and neither is the CPU time.</summary>
        public bool OtherProcess { get; init; }

        public InfluxClient? Client { get; init; }
    }
}
