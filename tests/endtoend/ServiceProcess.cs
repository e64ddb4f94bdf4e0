using System.Diagnostics;
using System.Text;

namespace Pipeline.Tests.EndToEnd;

/// <summary>One service as users run it: a process of its own. Stopped politely (SIGTERM) when disposed of.</summary>
public sealed class ServiceProcess : IAsyncDisposable
{
    /// <summary>Room of the whole pipeline in one process.</summary>
    public const string LocalRoom = "infra/local";

    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(30);

    private readonly Process process;
    private readonly StringBuilder output = new();
    private readonly string name;

    private ServiceProcess(string name, Process process)
    {
        this.name = name;
        this.process = process;
        process.OutputDataReceived += (_, line) => Append(line.Data);
        process.ErrorDataReceived += (_, line) => Append(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>Everything that it printed so far.</summary>
    public string Output
    {
        get
        {
            lock (output) return output.ToString();
        }
    }

    /// <summary>Starts a room's program, for example <c>Start("processors", "--kafka", servers)</c>.</summary>
    public static ServiceProcess Start(string room, params string[] arguments) => Start(new Dictionary<string, string>(), room, arguments);

    /// <summary>Starts a room's program with more environment variables.</summary>
    public static ServiceProcess Start(IReadOnlyDictionary<string, string> environment, string room, params string[] arguments)
    {
        ProcessStartInfo start = new("dotnet", [Assembly(room), .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        // The services get their settings from the test alone.
        foreach (string variable in start.Environment.Keys.Where(k => k.StartsWith("PIPELINE_", StringComparison.Ordinal) || k.StartsWith("KAFKA_", StringComparison.Ordinal)).ToList())
            start.Environment.Remove(variable);
        foreach ((string variable, string value) in environment) start.Environment[variable] = value;
        return new ServiceProcess(room, Process.Start(start)!);
    }

    /// <summary>Runs a program to its end.</summary>
    /// <returns>Its exit code and what it printed.</returns>
    public static async Task<(int ExitCode, string Output)> RunAsync(TimeSpan timeout, string room, params string[] arguments)
    {
        await using ServiceProcess service = Start(room, arguments);
        await service.ExitAsync(timeout);
        return (service.process.ExitCode, service.Output);
    }

    /// <summary>Waits for it to end by itself.</summary>
    public async Task ExitAsync(TimeSpan timeout)
    {
        try
        {
            await process.WaitForExitAsync().WaitAsync(timeout);
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"{name} did not end within {timeout}; it said:\n{Output}", e);
        }
    }

    public bool HasExited => process.HasExited;

    /// <summary>kill -9: it gets no chance to say or write anything.</summary>
    public async Task KillAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
    }

    /// <summary>Sends a signal, for example STOP or CONT.</summary>
    public async Task SignalAsync(string name)
    {
        using Process kill = Process.Start("kill", ["-" + name, process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    /// <summary>Fails when it has ended although it should run.</summary>
    public void AssertRunning() => Assert.False(process.HasExited, $"{name} ended; it said:\n{Output}");

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            await SignalAsync("TERM");
            try
            {
                await process.WaitForExitAsync().WaitAsync(StopTimeout);
            }
            catch (TimeoutException)
            {
                process.Kill(entireProcessTree: true);
            }
        }
        process.Dispose();
    }

    private static string Assembly(string room)
    {
        string build = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        string program = room == LocalRoom ? "pipeline-local" : room;
        return Path.Combine(Repository.Root, room, "bin", build, "net10.0", program + ".dll");
    }

    private void Append(string? line)
    {
        if (line is null) return;
        lock (output) output.AppendLine(line);
    }
}
