using System.Globalization;
using Pipeline.Tests.EndToEnd;

namespace Pipeline.Tests.Faults.AgentOutage;

/// <summary>One agent with its spool, over all the processes that it was.</summary>
internal sealed class KilledAgent : IAsyncDisposable
{
    private readonly DirectoryInfo spool = Directory.CreateTempSubdirectory("pipeline-agent-");
    private readonly string[] arguments;
    private ServiceProcess process;
    private long started;

    public KilledAgent(string vm, string servers, TimeSpan interval, double? spoolMegabytes)
    {
        Vm = vm;
        arguments =
        [
            "agent", "--kafka", servers, "--vm", vm, "--cell", "cell", "--interval", Text(interval.TotalSeconds), "--spool", spool.FullName,
            .. spoolMegabytes is { } size ? ["--spool-mb", Text(size)] : (string[])[],
        ];
        process = Start();
    }

    public string Vm { get; }

    public int Kills { get; private set; }

    /// <summary>Time that its processes ran.</summary>
    public TimeSpan Ran { get; private set; }

    /// <summary>What the present process has said.</summary>
    public string Output => process.Output;

    /// <summary>kill -9, and at once a new process in its place.</summary>
    public async Task KillAsync()
    {
        await EndAsync();
        await process.DisposeAsync();
        Kills++;
        process = Start();
    }

    /// <summary>kill -9 for good.</summary>
    public async Task EndAsync()
    {
        process.AssertRunning();
        await process.KillAsync();
        Ran += TimeProvider.System.GetElapsedTime(started);
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited) await process.KillAsync();
        await process.DisposeAsync();
        spool.Delete(recursive: true);
    }

    private ServiceProcess Start()
    {
        started = TimeProvider.System.GetTimestamp();
        return ServiceProcess.Start("ingest", arguments);
    }

    private static string Text(double number) => number.ToString(CultureInfo.InvariantCulture);
}
