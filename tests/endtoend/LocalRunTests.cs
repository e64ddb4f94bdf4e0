using System.Text.Json;

namespace Pipeline.Tests.EndToEnd;

/// <summary>The demonstration as a newcomer runs it, with fewer hours: the embedded Kafka, the embedded store.</summary>
public sealed class LocalRunTests
{
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(3);

    [Fact]
    public async Task A_part_of_the_day_loses_nothing_and_doubles_nothing()
    {
        string folder = Directory.CreateTempSubdirectory("local").FullName;
        try
        {
            string summary = Path.Combine(folder, "summary.json");
            // Long enough that predictions of the first steps have their outcomes.
            (int exit, string output) = await ServiceProcess.RunAsync(Timeout, ServiceProcess.LocalRoom, "--hours", "2", "--vms", "30", "--invocations", "500", "--speed", "0", "--out", folder, "--summary", summary);
            Assert.True(exit == 0, output);
            using JsonDocument counts = JsonDocument.Parse(await File.ReadAllTextAsync(summary));
            int Of(string name) => counts.RootElement.GetProperty(name).GetInt32();
            Assert.Equal((0, 0, 0), (Of("lost"), Of("duplicated"), Of("dead_letters")));
            Assert.Equal((500, 500), (Of("invocations"), Of("completed")));
            Assert.Equal(Of("points_sent"), Of("points_stored"));
            Assert.InRange(Of("vm_predictions"), 30 * 20, 30 * 25);
            Assert.True(File.Exists(Path.Combine(folder, "report.html")));
            (exit, output) = await ServiceProcess.RunAsync(Timeout, ServiceProcess.LocalRoom, "query", "--out", folder, "SELECT CASE WHEN count(*) > 0 THEN 'there are some' ELSE 'none' END AS outcomes FROM prediction_outcome");
            Assert.True(exit == 0, output);
            Assert.Contains("there are some", output, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
