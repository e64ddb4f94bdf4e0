using System.IO.Enumeration;
using Microsoft.Extensions.Logging;
using Pipeline.Infra.CommandLine;
using Pipeline.Ingest.Agent.Proc;

namespace Pipeline.Ingest.Agent;

/// <summary>Takes samples of a Linux machine from /proc and cgroup v2.</summary>
public sealed class MachineReader
{
    private readonly AgentOptions options;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly long started;
    private readonly HashSet<string> missing = new(StringComparer.Ordinal);

    public MachineReader(AgentOptions options, ILoggerFactory log, TimeProvider time)
    {
        (this.options, this.time) = (options, time);
        logger = log.CreateLogger<MachineReader>();
        started = time.GetTimestamp();
    }

    /// <param name="last">The sample ends an interval: what takes longer to find out is found out too.</param>
    /// <exception cref="UserException">There is no CPU time to be read; all else may be missing, which is logged once.</exception>
    public Sample Read(bool last = false)
    {
        string path = Path.Combine(options.ProcRoot, "stat");
        string? stat = Text(path);
        Dictionary<int, CpuTimes> times = [];
        (CpuTimes cpu, int cpus) = (stat is null ? null : CpuTimes.Parse(stat, times))
            ?? throw new UserException($"{path} has no CPU times: the agent needs Linux with /proc mounted, and the right to read it (--proc-root names another place)");
        string container = options.CgroupRoot;
        // Only a cgroup that is not the machine's root has limits: where they are at the root of what is seen, it is a container's.
        bool limited = File.Exists(Path.Combine(container, "cpu.max")) || File.Exists(Path.Combine(container, "memory.max"));
        return new Sample
        {
            At = time.GetElapsedTime(started),
            Cpu = cpu,
            Cpus = cpus,
            CoreTimes = times,
            Activity = Activity.Parse(stat),
            Paging = Proc("vmstat") is { } pages ? Paging.Parse(pages) : null,
            CpuPressure = PressureOf("cpu", limited),
            MemoryPressure = PressureOf("memory", limited),
            IoPressure = PressureOf("io", limited),
            Throttle = limited && Text(Path.Combine(container, "cpu.stat")) is { } throttle ? CpuThrottle.Parse(throttle) : null,
            Processes = last ? CountProcesses() : null,
            Memory = Proc("meminfo") is { } memory ? MemInfo.Parse(memory) : null,
            Load = Proc("loadavg") is { } load ? LoadAverage.Parse(load) : null,
            Disks = Proc("diskstats") is { } disks ? DiskStats.Parse(disks) : null,
            Networks = Proc(Path.Combine("net", "dev")) is { } networks ? NetDev.Parse(networks) : null,
            Container = limited ? Use(container) : null,
            ContainerCores = limited && Text(Path.Combine(container, "cpu.max")) is { } cores ? CgroupFiles.ParseCpuMax(cores) : null,
            ContainerMemoryBytes = limited && Text(Path.Combine(container, "memory.max")) is { } bytes ? CgroupFiles.ParseBytes(bytes) : null,
            Functions = options.FunctionsCgroup is { } name ? Use(Path.Combine(container, name.TrimStart('/'))) : null,
        };
    }

    private Pressure? PressureOf(string resource, bool limited) =>
        (limited ? Text(Path.Combine(options.CgroupRoot, resource + ".pressure")) : Proc(Path.Combine("pressure", resource))) is { } text ? Pressure.Parse(text) : null;

    private int? CountProcesses()
    {
        try
        {
            return new FileSystemEnumerable<byte>(options.ProcRoot, (ref _) => 0)
            {
                ShouldIncludePredicate = (ref entry) => entry.FileName.Length > 0 && char.IsAsciiDigit(entry.FileName[0]),
            }.Count();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private string? Proc(string name) => Text(Path.Combine(options.ProcRoot, name));

    /// <summary>A cgroup that is not there (yet) has used nothing.</summary>
    private CgroupUse Use(string folder)
    {
        ulong cpu = Text(Path.Combine(folder, "cpu.stat")) is { } stat ? CgroupFiles.ParseStat(stat, "usage_usec") ?? 0 : 0;
        ulong memory = Text(Path.Combine(folder, "memory.current")) is { } current ? CgroupFiles.ParseBytes(current) ?? 0 : 0;
        ulong cache = Text(Path.Combine(folder, "memory.stat")) is { } details ? CgroupFiles.ParseStat(details, "inactive_file") ?? 0 : 0;
        return new CgroupUse(cpu, memory - Math.Min(cache, memory));
    }

    private string? Text(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (missing.Add(path)) logger.LogWarning("{Path} cannot be read, what it tells is left out of the reports: {Reason}", path, e.Message);
            return null;
        }
    }
}
