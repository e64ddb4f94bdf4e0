Console.WriteLine("dispatcher");
