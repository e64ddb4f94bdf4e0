using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Pipeline.Infra.CommandLine;
using Pipeline.Infra.Kafka;
using Pipeline.Tests.Integration.Kafka;

namespace Pipeline.Tests.Benchmarks.AgentCost;

/// <summary><c>agent</c>: what the agent costs the machine that it reports, beside another agent where one is named.</summary>
internal static class AgentCostCommand
{
    private static readonly Option<double> Minutes = CommonOptions.Double("--minutes", "How long it is measured, after a minute of warm-up", 10, .1, 1440);
    private static readonly Option<double> Interval = CommonOptions.Double("--interval", "Seconds between two reports", 10, 1, 3600);
    private static readonly Option<FileInfo?> Native = NativeOption();
    private static readonly Option<string[]> Peers = new("--peer") { Description = "Command line of another agent that runs in the foreground, measured in the same minutes", HelpName = "COMMAND", AllowMultipleArgumentsPerToken = false };

    public static Command Create()
    {
        Command command = new("agent", "CPU time and memory of the agent, with its spool, against a broker of its own.") { Minutes, Interval, Native, Peers };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task RunAsync(ParseResult parsed, CancellationToken cancel)
    {
        DirectoryInfo spools = Directory.CreateTempSubdirectory("pipeline-agent-");
        await using KafkaBroker broker = await Broker.StartSmallAsync();
        await TopicSetup.EnsureAsync(new KafkaConnection(broker.BootstrapServers), cancel);
        string plain = Path.Combine(Repository.Root, "ingest", "bin", new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name, "net10.0", "ingest.dll");
        List<(string Name, Process Process)> agents = [("ingest agent", Start("dotnet", [plain, .. Arguments("plain")]))];
        if (parsed.GetValue(Native) is { } native) agents.Add(("ingest agent, compiled ahead of time", Start(native.FullName, Arguments("native"))));
        foreach (string peer in parsed.GetValue(Peers) ?? [])
        {
            string[] words = peer.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            agents.Add((Path.GetFileName(words[0]), Start(words[0], words[1..])));
        }
        try
        {
            await MeasureAsync(agents, TimeSpan.FromMinutes(parsed.GetValue(Minutes)), cancel);
        }
        finally
        {
            foreach ((_, Process process) in agents)
            {
                if (!process.HasExited) process.Kill(entireProcessTree: true);
                process.Dispose();
            }
            spools.Delete(recursive: true);
        }

        string[] Arguments(string name) => ["agent", "--kafka", broker.BootstrapServers, "--vm", name, "--interval", parsed.GetValue(Interval).ToString(CultureInfo.InvariantCulture), "--spool", Path.Combine(spools.FullName, name)];
    }

    private static async Task MeasureAsync(List<(string Name, Process Process)> agents, TimeSpan span, CancellationToken cancel)
    {
        await Task.Delay(TimeSpan.FromMinutes(1), cancel);
        double[] before = [.. agents.Select(a => CpuSeconds(a.Process))], peak = new double[agents.Count];
        Stopwatch watch = Stopwatch.StartNew();
        while (watch.Elapsed < span)
        {
            await Task.Delay(TimeSpan.FromSeconds(5), cancel);
            for (int i = 0; i < agents.Count; i++)
            {
                if (agents[i].Process.HasExited) throw new UserException($"{agents[i].Name} ended with {agents[i].Process.ExitCode}");
                agents[i].Process.Refresh();
                peak[i] = Math.Max(peak[i], agents[i].Process.WorkingSet64 / (1024.0 * 1024));
            }
        }
        double seconds = watch.Elapsed.TotalSeconds;
        Console.WriteLine("| agent | CPU, % of one core | resident at most, MiB |");
        Console.WriteLine("|---|--:|--:|");
        for (int i = 0; i < agents.Count; i++)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {agents[i].Name} | {100 * (CpuSeconds(agents[i].Process) - before[i]) / seconds:F3} | {peak[i]:F1} |"));
    }

    private static Option<FileInfo?> NativeOption()
    {
        Option<FileInfo?> option = new("--native") { Description = "The program ingest as dotnet publish -p:PublishAot=true makes it, measured in the same minutes", HelpName = "FILE" };
        OptionValidation.AcceptExistingOnly(option!);
        return option;
    }

    private static double CpuSeconds(Process process)
    {
        process.Refresh();
        return process.TotalProcessorTime.TotalSeconds;
    }

    private static Process Start(string program, string[] arguments)
    {
        ProcessStartInfo start = new(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true };
        // As in the systemd unit.
        foreach ((string name, string value) in (ReadOnlySpan<(string, string)>)[("DOTNET_gcConcurrent", "0"), ("DOTNET_GCHeapHardLimit", "0x2000000"), ("DOTNET_GCConserveMemory", "7"), ("DOTNET_TieredPGO", "0"), ("MALLOC_ARENA_MAX", "1")])
            start.Environment[name] = value;
        Process process = Process.Start(start)!;
        _ = process.StandardError.BaseStream.CopyToAsync(Stream.Null);
        _ = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null);
        return process;
    }
}
