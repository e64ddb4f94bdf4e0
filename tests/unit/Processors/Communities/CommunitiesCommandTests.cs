using System.CommandLine;
using System.Globalization;
using System.IO.Compression;
using System.Text.RegularExpressions;
using Pipeline.Infra.CommandLine;
using Pipeline.Processors.Communities;

namespace Pipeline.Tests.Unit.Processors.Communities;

public sealed class CommunitiesCommandTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("communities-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task Labels_are_written_one_a_line_from_a_plain_file_and_from_a_packed_one()
    {
        const string edges = "0 1 1\n1 2 .5\n0\t2 1e0\n\n3 4 1\n";
        string plain = Path.Combine(folder.FullName, "e.txt"), packed = plain + ".gz", labels = Path.Combine(folder.FullName, "labels");
        await File.WriteAllTextAsync(plain, edges);
        await using (StreamWriter writer = new(new GZipStream(File.Create(packed), CompressionLevel.Fastest))) await writer.WriteAsync(edges);
        foreach (string file in (string[])[plain, packed])
        {
            string printed = await RunAsync("--edges", file, "--out", labels);
            Assert.Equal(["0", "0", "0", "1", "1"], await File.ReadAllLinesAsync(labels));
            Assert.Matches(new Regex(@"^nodes=5 edges=4 communities=2 modularity=0\.\d{5} milliseconds=[\d.]+$"), printed.TrimEnd().Split('\n')[^1]);
        }
    }

    [Theory]
    [InlineData("0 1")]
    [InlineData("0 1 1 1")]
    [InlineData("-1 1 1")]
    [InlineData("0 1 0")]
    [InlineData("0 1 NaN")]
    [InlineData("0 1 Infinity")]
    [InlineData("0 99999999999 1")]
    [InlineData("0 1 1,5")]
    public async Task A_wrong_line_is_named_with_its_file_and_number(string line)
    {
        string file = Path.Combine(folder.FullName, "wrong.txt");
        await File.WriteAllTextAsync(file, "0 1 1\n" + line + "\n");
        UserException error = await Assert.ThrowsAsync<UserException>(() => RunAsync("--edges", file, "--out", Path.Combine(folder.FullName, "labels")));
        Assert.StartsWith(string.Create(CultureInfo.InvariantCulture, $"{file} line 2: '{line}'"), error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_not_packed_as_its_name_says_is_an_error_that_names_it()
    {
        string file = Path.Combine(folder.FullName, "plain.gz");
        await File.WriteAllTextAsync(file, "0 1 1\n");
        UserException error = await Assert.ThrowsAsync<UserException>(() => RunAsync("--edges", file, "--out", Path.Combine(folder.FullName, "labels")));
        Assert.Contains(file, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_place_that_cannot_be_written_to_is_an_error_that_names_it()
    {
        string file = Path.Combine(folder.FullName, "e.txt"), labels = Path.Combine(folder.FullName, "nowhere", "labels");
        await File.WriteAllTextAsync(file, "0 1 1\n");
        UserException error = await Assert.ThrowsAsync<UserException>(() => RunAsync("--edges", file, "--out", labels));
        Assert.Contains(labels, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_empty_file_is_an_empty_graph()
    {
        string file = Path.Combine(folder.FullName, "e.txt");
        await File.WriteAllTextAsync(file, "");
        Assert.StartsWith("nodes=0 edges=0 communities=0 modularity=0.00000", await RunAsync("--edges", file, "--out", Path.Combine(folder.FullName, "labels")), StringComparison.Ordinal);
    }

    private static async Task<string> RunAsync(params string[] args)
    {
        await using StringWriter output = new();
        await CommunitiesCommand.Create().Parse(args).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, Output = output });
        return output.ToString();
    }
}
